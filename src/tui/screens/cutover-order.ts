export { cutoverOrder, type Turn } from '../../checklist/index.ts';
