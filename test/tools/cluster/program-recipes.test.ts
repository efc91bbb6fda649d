import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { recipe } from '../../../tools/cluster/paths';
import { programRecipe, programRecipes, recipeOfProgram } from '../../../tools/cluster/program-manifest';
import { goProblem, goVersionOf } from '../../../tools/cluster/go-toolchain';
import { cut, programFolder, programKey, programPath, toolPath } from '../../../tools/cluster/programs';

const recipes = Object.entries(programRecipes());

describe('the recipes of the programs', () => {
  test.each(recipes)(
    '%s is pinned to the version that the manifest names, with its hash',
    (name, { module, version }) => {
      if (module === undefined) return;
      const goMod = readFileSync(recipe('programs', name, 'go.mod'), 'utf8');
      const goSum = readFileSync(recipe('programs', name, 'go.sum'), 'utf8').split('\n');
      expect(goMod).toMatch(new RegExp(`^(require\\s+|\\t)${escape(module)} ${escape(version)}( // indirect)?$`, 'm'));
      expect(goSum.some((line) => line.startsWith(`${module} ${version} h1:`))).toBe(true);
    },
  );

  test.each(recipes)('%s takes nothing from a folder of the machine', (name) => {
    const goMod = readFileSync(recipe('programs', name, 'go.mod'), 'utf8');
    expect(goMod).not.toMatch(/=>\s*[./]/);
  });

  test.each(recipes)('%s names only scripts that are there', (name, { scripts }) => {
    expect(scripts.filter((script) => !existsSync(recipe('programs', name, script)))).toEqual([]);
  });

  test('no folder is left without an entry', () => {
    const folders = readdirSync(recipe('programs')).sort();
    expect(folders).toEqual(recipes.map(([name]) => name).sort());
  });

  test('no two recipes make the same program', () => {
    const programs = recipes.flatMap(([, { packages, scripts }]) => [...Object.keys(packages), ...scripts]);
    expect(new Set(programs).size).toBe(programs.length);
  });

  test('all Kubernetes programs report the version that they are built from', () => {
    const { version, ldflags } = programRecipe('kubernetes');
    expect(ldflags.filter((flag) => flag.endsWith(`gitVersion=${version}`))).toHaveLength(2);
  });

  test('an unknown name is answered with the known ones', () => {
    expect(() => programRecipe('kubernetis')).toThrow(/no program recipe "kubernetis".*kubernetes/);
    expect(() => recipeOfProgram('nothing')).toThrow('"nothing"');
  });
});

describe('where programs are kept', () => {
  test('a program lies in the folder of the recipe that makes it', () => {
    expect(recipeOfProgram('kubelet')).toBe('kubernetes');
    expect(programPath('kubelet')).toBe(`${programFolder('kubernetes')}/kubelet`);
    expect(programPath('pulumi-analyzer-policy')).toBe(`${programFolder('pulumi')}/pulumi-analyzer-policy`);
  });

  test('another linker flag is another program', () => {
    const made = programRecipe('coredns');
    expect(programKey('coredns', { ...made, ldflags: ['-X a=b'] })).not.toBe(programKey('coredns', made));
  });

  test('another cut is another program', () => {
    const made = programRecipe('vault');
    const { without: _without, ...whole } = made;
    expect(_without).toBeDefined();
    expect(programKey('vault', whole)).not.toBe(programKey('vault', made));
  });

  test('what a module must lose has to stand in it exactly once', () => {
    expect(cut('a\nb\nc\n', 'b\n', 'm/f.go')).toBe('a\nc\n');
    expect(() => cut('a\n', 'b\n', 'm/f.go')).toThrow('m/f.go: expected once, found never: b');
    expect(() => cut('b\nb\n', 'b\n', 'm/f.go')).toThrow('m/f.go: expected once, found more often: b');
  });

  test('the tools have an entry for each of kubectl, pulumi and its plugins', () => {
    const entries = toolPath().split(':');
    for (const name of ['kubernetes', 'pulumi', 'pulumi-kubernetes', 'pulumi-language-nodejs']) {
      expect(entries).toContain(programFolder(name));
    }
  });
});

describe('the Go of a machine', () => {
  test('is asked for by go.mod', () => {
    expect(goVersionOf('module a\n\ngo 1.24.3\n\nrequire b v1.0.0\n')).toBe('1.24.3');
  });

  test.each([
    ['1.24.0', '1.24.0', 'auto', undefined],
    ['1.26.8', '1.24.0', 'local', undefined],
    ['1.22.1', '1.24.0', 'auto', undefined],
    ['1.9', '1.24.0', 'auto', /this machine has 1\.9: install Go 1\.24\.0/],
    ['1.22.1', '1.24.0', 'local', /need Go 1\.24\.0, and this machine has 1\.22\.1/],
    [undefined, '1.24.0', 'auto', /no Go on the PATH: install Go 1\.24\.0 or later/],
  ])('%s, where %s is needed and GOTOOLCHAIN=%s', (installed, needed, toolchain, expected) => {
    const problem = goProblem(installed, needed, toolchain);
    if (expected === undefined) expect(problem).toBeUndefined();
    else expect(problem).toMatch(expected);
  });
});

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
