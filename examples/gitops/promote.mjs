// Changes settings of a configuration, and nothing else: comments and order stay, though comments may be indented anew.
//
//   node promote.mjs config.yaml images.overrides.nace-inference=registry.example.org/nace-inference:1.0.1@sha256:...
//
// `npx bouture validate` tells afterwards whether the settings exist and fit each other. Exits 2 when the arguments are wrong, 1 when
// nothing would change: a promotion that promotes nothing is a mistake of who asked for it.
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { parseDocument } from 'yaml';

const SETTING = /^([A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*)=(\S+)$/;
const IMAGE = /^[a-z0-9][a-z0-9./:_-]*:[A-Za-z0-9_][\w.-]{0,127}@sha256:[0-9a-f]{64}$/;

function refuse(message) {
  process.stderr.write(`promote: ${message}\n`);
  process.exit(2);
}

const [file, ...settings] = process.argv.slice(2);
if (file === undefined || settings.length === 0) refuse('expected: node promote.mjs CONFIG SETTING=VALUE...');

const text = readFileSync(file, 'utf8');
const document = parseDocument(text);
if (document.errors.length > 0) refuse(`${file}: ${document.errors[0].message}`);
for (const setting of settings) {
  const [, path, value] =
    SETTING.exec(setting) ?? refuse(`"${setting}": expected a setting such as coding.serves.version=7`);
  if (path.startsWith('images.overrides.') && !IMAGE.test(value)) {
    refuse(`${path}: "${value}" is no image by digest: expected repository:tag@sha256: and 64 digits`);
  }
  document.setIn(path.split('.'), /^(0|[1-9][0-9]{0,8})$/.test(value) ? Number(value) : value);
}
const changed = document.toString({ lineWidth: 0 });
if (JSON.stringify(document.toJS()) === JSON.stringify(parseDocument(text).toJS())) {
  process.stderr.write(`promote: ${file} says so already\n`);
  process.exit(1);
}
writeFileSync(file, changed);
