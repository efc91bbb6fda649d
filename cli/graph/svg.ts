/** What we use of @viz-js/viz: it has a CommonJS build, but types of its other build only. */
interface VizModule {
  readonly instance: () => Promise<{ renderString(dot: string, options: { readonly format: 'svg' }): string }>;
}

/** Draws a graph in the language of Graphviz as SVG, by Graphviz compiled to WebAssembly: nothing to install, no network. */
export async function toSvg(dot: string): Promise<string> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would take the other build
  const { instance } = require('@viz-js/viz') as VizModule;
  return (await instance()).renderString(dot, { format: 'svg' });
}
