import { valid } from 'semver';
import { chartImages, imageFindings } from './lint-images';
import { type LintFinding, mapOf, parsed } from './lint-data';
import { schemaFindings } from './lint-schema';
import type { ChartFiles } from './read-package';

/** Ways of fetching a program without knowing who sends it. */
const UNVERIFIED = /\bcurl\b[^\n|;]*\s(--insecure|-[a-zA-Z]*k[a-zA-Z]*)(\s|$)|\bwget\b[^\n|;]*--no-check-certificate/;

/**
 * What is wrong with a chart for a catalog of Onyxia: references to what Onyxia no longer knows, images that change or are gone, a missing
 * schema, downloads that verify nobody. Charts of others are read as they are, without running their templates.
 */
export function lintChart(chart: ChartFiles): readonly LintFinding[] {
  return [
    ...metadataFindings(chart),
    ...schemaFindings(chart),
    ...imageFindings(chart),
    ...downloadFindings(chart),
  ].sort((a, b) => order(`${a.file} ${a.path} ${a.rule}`, `${b.file} ${b.path} ${b.rule}`));
}

/** The images that a chart names, sorted. */
export function imagesOf(chart: ChartFiles): readonly string[] {
  return [...new Set(chartImages(chart).map(({ reference }) => reference))].sort(order);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function metadataFindings({ files }: ChartFiles): readonly LintFinding[] {
  const file = 'Chart.yaml';
  const metadata = mapOf(parsed(files.get(file) ?? ''));
  const version = metadata['version'];
  const icon = metadata['icon'];
  const dependencies = Array.isArray(metadata['dependencies']) ? (metadata['dependencies'] as unknown[]) : [];
  const findings: LintFinding[] = [];
  if (typeof version !== 'string' || valid(version) === null) {
    findings.push({
      level: 'error',
      rule: 'semantic-version',
      file,
      path: 'version',
      message: `expected a semantic version, given ${JSON.stringify(version)}`,
      remedy: 'write three numbers in quotes: "1.0.0"',
    });
  }
  if (typeof icon === 'string' && !icon.startsWith('data:')) {
    findings.push({
      level: 'warning',
      rule: 'icon-elsewhere',
      file,
      path: 'icon',
      message: `${icon} is fetched by each person's browser, and by none without internet access`,
      remedy: 'embed the icon: data:image/svg+xml;base64,...',
    });
  }
  dependencies.forEach((dependency, index) => {
    const { repository } = mapOf(dependency);
    if (typeof repository !== 'string' || !/bitnami/i.test(repository)) return;
    findings.push({
      level: 'error',
      rule: 'vanished-chart',
      file,
      path: `dependencies[${index}].repository`,
      message: `${repository}: these charts name images that are gone since August 2025`,
      remedy: 'use the makers’ own image with a template of the chart’s own',
    });
  });
  return findings;
}

function downloadFindings({ files }: ChartFiles): readonly LintFinding[] {
  return [...files].flatMap(([file, text]) =>
    file.startsWith('templates/')
      ? text.split('\n').flatMap((line, index): readonly LintFinding[] =>
          UNVERIFIED.test(line)
            ? [
                {
                  level: 'error',
                  rule: 'unverified-download',
                  file,
                  path: `line ${index + 1}`,
                  message: 'fetches without verifying who answers',
                  remedy: 'give the container the office’s certificate authorities, and drop the option',
                },
              ]
            : [],
        )
      : [],
  );
}
