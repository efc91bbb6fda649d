import { builtInServices, defaultServices, jupyterlabService, vscodeService } from '../../../../constructs';
import { image } from '../fixture';

const images = [image('r-python')] as const;

test.each([
  [jupyterlabService, {}, 'jupyter-python', 'des notebooks Python, avec'],
  [jupyterlabService, { languages: 'r-python' }, 'jupyter-r-python', 'des notebooks R et Python, avec'],
  [jupyterlabService, { languages: 'r', gpus: 1 }, 'jupyter-r-gpu', 'des notebooks R sur GPU, avec'],
  [vscodeService, { languages: 'r-python' }, 'vscode-r-python', 'un éditeur avec R et Python, vos'],
  [vscodeService, { languages: 'r-python-julia' }, 'vscode-r-python-julia', 'avec R, Python et Julia, vos'],
] as const)('is named after the languages of its images: %#', (make, props, name, description) => {
  const service = make({ images, ...props });
  expect(service.name).toBe(name);
  expect(JSON.stringify(service.description)).toContain(description);
  expect(service.keywords).toEqual(expect.arrayContaining('languages' in props ? ['r'] : ['python']));
});

test('R and Python share one image in JupyterLab and in VSCode', () => {
  const asked: string[] = [];
  const get = (key: string) => {
    asked.push(key);
    return image(key);
  };
  builtInServices({ get }, ['jupyter-r-python', 'vscode-r-python']);
  expect(asked).toEqual(['r-python', 'r-python']);
});

test('a catalog that says nothing has no services for GPUs, and none of Argo', () => {
  const names = builtInServices({ get: image }).map(({ name }) => name);
  expect(names).toEqual([...defaultServices(false)]);
  expect(names.filter((name) => name.endsWith('-gpu') || name.startsWith('argo-'))).toEqual([]);
});
