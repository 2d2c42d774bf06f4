import { expect, test } from 'vitest';
import { exportTo, readObservability, readTelemetryEnv, traceAddress } from './observability.ts';
import { serviceEnvironments } from './services.ts';

test('OBSERVABILITY is 1, or it is not', () => {
  const read = (OBSERVABILITY?: string) =>
    readObservability(OBSERVABILITY === undefined ? {} : { OBSERVABILITY });
  expect([read(), read(''), read('0'), read('1')]).toEqual([false, false, false, true]);
  for (const value of ['true', 'yes', '2']) expect(() => read(value)).toThrow('OBSERVABILITY must be 1');
});

const viewer = { TRACES_URL: 'http://127.0.0.1:1' };

test('spans go to the viewer, where there is one and the user sends them nowhere else', () => {
  expect(readTelemetryEnv({ PATH: '/bin', OTEL_TRACES_SAMPLER: '' }, {})).toEqual({});
  expect(readTelemetryEnv({}, viewer)).toEqual(exportTo(viewer.TRACES_URL));
  const sampler = { OTEL_TRACES_SAMPLER: 'always_off', OTEL_BSP_SCHEDULE_DELAY: '10' };
  expect(readTelemetryEnv(sampler, viewer)).toEqual({ ...exportTo(viewer.TRACES_URL), ...sampler });
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) {
    const own = { [name]: 'http://collector:4317' };
    expect(readTelemetryEnv(own, viewer)).toEqual(own);
  }
});

test.each(['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'])(
  'the viewer is spoken to in its own protocol, whatever %s is',
  (name) => {
    expect(readTelemetryEnv({ [name]: 'grpc' }, viewer)).toEqual(exportTo(viewer.TRACES_URL));
    expect(readTelemetryEnv({ [name]: 'grpc' }, {})).toEqual({ [name]: 'grpc' });
  },
);

test('where a trace is, is told where spans go to the viewer', () => {
  const address = (env: NodeJS.ProcessEnv) => traceAddress(env, viewer, 'c-1');
  const here = `${viewer.TRACES_URL}/?correlation_id=c-1`;
  expect(address({})).toBe(here);
  expect(address({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_TRACES_EXPORTER: 'console,otlp' })).toBe(here);
  for (const own of [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' },
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4317' },
    { OTEL_TRACES_EXPORTER: 'none' },
    { OTEL_SDK_DISABLED: 'true' },
    { OTEL_TRACES_SAMPLER: 'parentbased_always_off' },
  ])
    expect([own, address(own)]).toEqual([own, undefined]);
  expect(traceAddress({}, {}, 'c-1')).toBeUndefined();
  expect(traceAddress({}, viewer, '')).toBeUndefined();
});

test('all three services are given where their spans go', () => {
  const telemetry = exportTo(viewer.TRACES_URL);
  const environments = serviceEnvironments(telemetry, 1, { name: 'demo', env: {} });
  for (const env of Object.values(environments)) expect(env).toMatchObject(telemetry);
});
