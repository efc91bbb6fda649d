module.exports = {
  /** Files that run at the full level only: they stop parts of the node or take long, and have not yet held in a run of the default level. */
  FULL_LEVEL_FILES: ['40-faults', '45-api-server', '50-kill'],
  /** True with BOUTURE_E2E=full. */
  isFull: process.env['BOUTURE_E2E'] === 'full',
};
