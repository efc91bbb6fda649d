/** The README of an office's own folder. */
export function readme(name: string, blueprint: string): string {
  return `# ${name}

A data-science platform on Kubernetes, grown by Bouture from the blueprint \`${blueprint}\`. [config.yaml](config.yaml) says all that is particular
to it, [office.ts](office.ts) what this office adds; everything else follows from those two.

\`\`\`sh
npm install
npm run check      # is the configuration right, does the program compile, is charts-out/ fresh?
npm run synth      # renders charts-out/: commit it, and review its diff
npm run doctor     # what the cluster lacks, before anything is changed
npm run up         # deploys, and waits until everything is ready
\`\`\`

\`npm run up\` uses the cluster of KUBECONFIG. Without one, \`npx bouture cluster up config.yaml\` makes a small Kubernetes on this machine. \`pulumi up\`
deploys the same stack; with \`--policy-pack node_modules/bouture/policy\` it also holds what you add to the rules of the library.
\`npm run diff\` tells what the next \`npm run synth\` would change.

| file | what it is |
| --- | --- |
| config.yaml | the platform: what it has, how large it is, under which names it is reached |
| office.ts | what this office adds: constructs of its own, overrides of rendered objects, services, looks |
| charts-out/ | the rendered manifests, for review and for GitOps; made by \`npm run synth\` |
| main.ts, Pulumi.yaml | the program that \`pulumi up\` runs |
| cdk8s.yaml | what \`cdk8s synth\` runs |
| package-lock.json | the versions that were installed: commit it, CI installs from it |
| Pulumi.dev.yaml | settings of the stack \`dev\`, with the seed of its generated secrets, encrypted: commit it, and keep the passphrase elsewhere |
| .github/workflows/check.yaml | refuses a change that is unsound or whose charts-out/ is stale, and shows the diff of charts-out/ |

## An upgrade

\`\`\`sh
npm install bouture@latest
npm run check      # names settings, imports and objects that this version has no longer, each with the remedy
npm run diff       # what changes, by object and field
npm run synth && npm run up
\`\`\`

Nothing of an upgrade touches config.yaml, office.ts or what they name.

## Images

\`npx bouture images config.yaml\` lists the images that will run. Those of \`bouture/\` are published by nobody: build them from
\`node_modules/bouture/images/\`, push them to a registry of your own and name it as \`images.mirror\`. For production, record their digests.
`;
}
