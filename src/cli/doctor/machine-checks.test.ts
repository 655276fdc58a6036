import { expect, it } from 'vitest';
import { configSchema } from '../../config/schema.js';
import { checkClock, checkMachine, checkNode } from './machine-checks.js';

const streams = (more: object) => configSchema.parse({ streams: [{ id: 'a', input: 'a.mp4', ...more }] });

it('knows which Node is new enough', () => {
  expect(['20.18.3', '18.20.0'].map((version) => checkNode(version).status)).toEqual(['fail', 'fail']);
  expect(['20.19.0', '22.1.0', process.versions.node].map((version) => checkNode(version).status)).toEqual(['ok', 'ok', 'ok']); // prettier-ignore
});

it('doubts memory limits that the machine does not have', () => {
  expect(checkMachine(streams({ memoryLimit: 256 })).status).toBe('ok');
  const many = Array.from({ length: 64 }, (_, i) => ({ id: `s${i}`, input: 'a.mp4', memoryLimit: 65536 }));
  expect(checkMachine(configSchema.parse({ streams: many }))).toMatchObject({ status: 'warn' });
});

it('tells the time zone that schedules are in', () => {
  const { found } = checkClock(streams({ gate: { mode: 'schedule', from: '21:00', to: '06:00' } }));
  expect(found).toContain(Intl.DateTimeFormat().resolvedOptions().timeZone);
});
