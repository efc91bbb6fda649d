/** The house's import directions: constructs <- blueprints <- stacks <- cli; inside constructs, floors from the ground up. */
const floors = [
  ['platform'],
  ['monitoring'],
  ['storage', 'delivery', 'compute'],
  ['identity', 'mlops'],
  ['secrets', 'catalog'],
  ['tenancy'],
  ['onyxia'],
];
const forbidden = [
  { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
  {
    name: 'constructs-import-nothing-above',
    severity: 'error',
    from: { path: '^constructs/' },
    to: { path: '^(blueprints|stacks|cli|tools|workloads)/' },
  },
  {
    name: 'constructs-know-no-pulumi',
    severity: 'error',
    from: { path: '^constructs/' },
    to: { path: 'node_modules/@pulumi/' },
  },
  {
    name: 'constructs-touch-no-file-or-network',
    severity: 'error',
    from: { path: '^constructs/' },
    to: { path: '^(node:)?(fs|fs/promises|net|http|https|child_process|dns|os)$' },
  },
  {
    name: 'blueprints-below-stacks',
    severity: 'error',
    from: { path: '^blueprints/' },
    to: { path: '^(stacks|cli|tools|workloads)/' },
  },
  { name: 'stacks-below-cli', severity: 'error', from: { path: '^stacks/' }, to: { path: '^(cli|workloads)/' } },
  {
    name: 'tools-stand-alone',
    severity: 'error',
    from: { path: '^tools/' },
    to: { path: '^(constructs|blueprints|stacks|cli|workloads)/' },
  },
  {
    name: 'workloads-stand-alone',
    severity: 'error',
    from: { path: '^workloads/([^/]+/[^/]+)/' },
    to: { path: '^(workloads|constructs|blueprints|stacks|cli|tools|test)/', pathNot: '^workloads/$1/' },
  },
  {
    name: 'cdk8s-plus-stays-in-platform',
    severity: 'error',
    from: { path: '^(constructs|blueprints|stacks|cli)/', pathNot: '^constructs/platform/' },
    to: { path: 'node_modules/cdk8s-plus' },
  },
];
floors.forEach((rooms, level) => {
  const above = floors.slice(level + 1).flat();
  for (const room of rooms) {
    const beside = rooms.filter((other) => other !== room);
    const closed = [...above, ...beside];
    if (closed.length > 0)
      forbidden.push({
        name: `${room}-imports-only-from-below`,
        severity: 'error',
        from: { path: `^constructs/${room}/` },
        to: { path: `^constructs/(${closed.join('|')})/` },
      });
  }
});
module.exports = {
  forbidden,
  options: { doNotFollow: { path: 'node_modules' }, tsPreCompilationDeps: true },
};
