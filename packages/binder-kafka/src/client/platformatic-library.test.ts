import { loadPlatformatic } from './platformatic-library';

function failing(code: string, message: string): () => never {
  return () => {
    throw Object.assign(new Error(message), { code });
  };
}

it('names the package and the command where it is not installed', () => {
  expect(() =>
    loadPlatformatic('kafka', failing('MODULE_NOT_FOUND', "Cannot find module '@platformatic/kafka'")),
  ).toThrow(
    expect.objectContaining({
      code: 'CONFIGURATION_INVALID',
      message:
        "binder kafka: 'client.producer: platformatic' needs the package @platformatic/kafka, which is not installed: npm install @platformatic/kafka@1",
    }),
  );
});

it('says why it cannot be loaded where it is there', () => {
  const lacking = failing('MODULE_NOT_FOUND', "Cannot find module 'ajv'");
  expect(() => loadPlatformatic('kafka', lacking)).toThrow(/which cannot be loaded \(Cannot find module 'ajv'\)/);
  const tooOld = failing('ERR_REQUIRE_ESM', 'require() of ES Module is not supported');
  expect(() => loadPlatformatic('kafka', tooOld)).toThrow(/which cannot be loaded \(require\(\) of ES Module/);
});
