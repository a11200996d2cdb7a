export { validateStage } from './stage.ts';
