import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { gatewayImageEnv } from './tickwork.ts';

test("the gateway runs here with the settings of its image's memory", () => {
  const dockerfile = readFileSync(resolve(import.meta.dirname, '../../Dockerfile'), 'utf8');
  const set = Object.entries(gatewayImageEnv).map(([name, value]) => `${name}=${value}`);
  expect(dockerfile).toContain(`ENV ${set.join(' ')}\n`);
});
