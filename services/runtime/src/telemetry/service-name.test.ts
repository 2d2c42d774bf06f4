import { expect, test } from 'vitest';
import { serviceNameOf } from './service-name.ts';

const named = 'service.name=shop';

test.each<[NodeJS.ProcessEnv, string]>([
  [{}, 'own'],
  [{ OTEL_RESOURCE_ATTRIBUTES: named }, 'shop'],
  [{ OTEL_RESOURCE_ATTRIBUTES: `team=a, ${named} ,` }, 'shop'],
  [{ OTEL_RESOURCE_ATTRIBUTES: `${named},service.name=last` }, 'last'],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'service%2Ename=the%20shop%2C%3D' }, 'the shop,='],
  [{ OTEL_RESOURCE_ATTRIBUTES: named, OTEL_SERVICE_NAME: 'told' }, 'told'],
  [{ OTEL_RESOURCE_ATTRIBUTES: named, OTEL_SERVICE_NAME: ' ' }, 'shop'],
])('%j gives the name %s', (env, name) => {
  expect(serviceNameOf(env, 'own')).toBe(name);
});

test.each([
  `${named},team`,
  `${named},=x`,
  `${named},a=b=c`,
  `${named},team=%`,
  `${named},team=${'x'.repeat(256)}`,
  'service.name=',
  'my.service.name=shop',
])('a list %s names nobody', (list) => {
  expect(serviceNameOf({ OTEL_RESOURCE_ATTRIBUTES: list }, 'own')).toBe('own');
});
