export default {
  title: 'Dashboard',
  root: 'src',
  // Readers' browsers ask nobody but this site.
  globalStylesheets: [],
  pager: false,
  sidebar: false,
  footer: '',
};
