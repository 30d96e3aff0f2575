import { temporaryFolders } from '../../test/temporary-folder';
import { Faults } from '../config/faults';
import { loadBinder } from './binder-lookup';

const folder = temporaryFolders();
const binder = `exports.binder = { type: 'own', create() {} };`;

const lookUp = async (type: string, files: Record<string, string>) => {
  const faults = new Faults();
  const found = await loadBinder(type, folder(files), 'binders.main.type', faults);
  return { found, told: faults.count === 0 ? '' : faults.describe('it') };
};

test.each([
  ['a path from the folder of the configuration', './own/binder.cjs', { 'own/binder.cjs': binder }],
  ['a folder', './own', { 'own/index.js': binder }],
  ['a full package name', '@acme/binder-own', { 'node_modules/@acme/binder-own/index.js': binder }],
  ['an unscoped package', 'acme-binder', { 'node_modules/acme-binder/index.js': binder }],
])('%s is found', async (_what, type, files) => {
  const { found, told } = await lookUp(type, files);
  expect(told).toBe('');
  expect(found?.type).toBe('own');
});

test('a short name stands for the package @millrace/binder-<name>', async () => {
  expect((await lookUp('memory', {})).found?.type).toBe('memory');
});

test('a package that is missing is named, with the nearest installed binder', async () => {
  const { told } = await lookUp('memroy', {});
  expect(told).toContain(
    "binders.main.type: the package @millrace/binder-memroy is not installed. Did you mean 'memory'? Otherwise: npm install @millrace/binder-memroy.",
  );
  expect((await lookUp('quantum-foam', {})).told).toContain(
    'is not installed. npm install @millrace/binder-quantum-foam.',
  );
  expect((await lookUp('./gone.js', {})).told).toMatch(/there is no module at .*gone\.js\. Mend the path/);
});

test('a package that lacks something of its own is not called missing', async () => {
  const { told } = await lookUp('./own.js', { 'own.js': `require('not-there');` });
  expect(told).toMatch(/\.\/own\.js|own\.js cannot be loaded: .*not-there/);
  expect(told).not.toContain('not installed');
});

test('a package that is no binder is told', async () => {
  const { told } = await lookUp('./own.js', { 'own.js': 'exports.other = 1;' });
  expect(told).toContain("is no binder: it has no export 'binder'");
});
