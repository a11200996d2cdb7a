/** The command that takes up an evacuation that nobody steers. */
export const takeUp = ({ name, lab }: { readonly name: string; readonly lab: boolean }): string =>
  lab ? `landfall rehearse --name ${name}` : 'landfall run PLAN';
