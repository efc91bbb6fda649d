/** Pages in two languages over the same data. Readers' browsers ask nobody but this site. */
export default {
  title: 'NACE',
  root: 'src',
  globalStylesheets: [],
  theme: ['air', 'alt', 'wide'],
  toc: false,
  search: false,
  pager: false,
  footer: '',
  pages: [
    { name: 'Accueil', path: '/index' },
    { name: 'Surveillance', path: '/monitoring' },
    { name: 'Performance', path: '/performance' },
    { name: 'Définitions', path: '/terms' },
    {
      name: 'English',
      pages: [
        { name: 'Home', path: '/en/index' },
        { name: 'Monitoring', path: '/en/monitoring' },
        { name: 'Performance', path: '/en/performance' },
        { name: 'Terms', path: '/en/terms' },
      ],
    },
  ],
};
