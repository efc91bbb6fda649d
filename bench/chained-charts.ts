/**
 * What cdk8s does with Charts that depend on each other: the yardstick for layers. Run as a program of its own, since it does
 * not always end: `ts-node bench/chained-charts.ts CHARTS OBJECTS` prints microseconds per object.
 */
import { App, Chart } from 'cdk8s';
import { k8s } from '../constructs';

const [charts = 1, objects = 10] = process.argv.slice(2).map(Number);
const app = new App();
const start = performance.now();
let previous: Chart | undefined;
for (let c = 0; c < charts; c++) {
  const chart = new Chart(app, `chart-${c}`);
  for (let o = 0; o < objects; o++) new k8s.KubeConfigMap(chart, `map-${o}`, { metadata: { name: `map-${c}-${o}` } });
  if (previous !== undefined) chart.addDependency(previous);
  previous = chart;
}
app.synthYaml();
process.stdout.write(String(Math.round((1000 * (performance.now() - start)) / (charts * objects))));
