import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { serverSchema, type ServerConfig } from '../config/server-schema.js';
import { TokenList } from './token-list.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-tokens-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SECRET = 'sixteen-characters';

function list(config: unknown, environment: NodeJS.ProcessEnv = {}): TokenList {
  const server: ServerConfig = serverSchema.parse(config);
  return new TokenList(server, environment);
}

describe('TokenList', () => {
  it('knows tokens from the file, the environment and other files, by name and role', () => {
    const file = path.join(folder, 'token');
    writeFileSync(file, `${SECRET}-file\nmore\n`);
    const tokens = list(
      {
        token: `${SECRET}-main`,
        tokens: [
          { name: 'wall', token: `${SECRET}-wall` },
          { name: 'desk', role: 'control', env: 'DESK' },
          { name: 'night', role: 'view', file },
        ],
      },
      { DESK: `${SECRET}-desk` },
    );
    expect(tokens.find(`${SECRET}-main`)).toEqual({ name: 'server.token', role: 'control' });
    expect(tokens.find(`${SECRET}-wall`)).toEqual({ name: 'wall', role: 'view' });
    expect(tokens.find(`${SECRET}-desk`)).toEqual({ name: 'desk', role: 'control' });
    expect(tokens.find(`${SECRET}-file`)).toEqual({ name: 'night', role: 'view' });
    expect(tokens.find(SECRET)).toBeNull();
    expect(tokens.find('')).toBeNull();
  });

  it.each([
    [{ name: 'a', env: 'NOWHERE' }, /"a" is to be in the environment variable NOWHERE, and is not/],
    [{ name: 'a', env: 'SHORT' }, /"a" in the environment variable SHORT has not between 16 and 512/],
    [{ name: 'a', file: '/nowhere/token' }, /the file \/nowhere\/token, and is not/],
  ])('says which token is not there: %j', (entry, message) => {
    expect(() => list({ tokens: [entry] }, { SHORT: 'short-secret' })).toThrow(message);
    expect(() => list({ tokens: [entry] }, { SHORT: 'short-secret' })).not.toThrow(/short-secret/);
  });

  it('refuses two of one name', () => {
    const entry = { name: 'wall', token: SECRET };
    expect(() => list({ tokens: [entry, { ...entry, token: `${SECRET}2` }] })).toThrow(/named "wall"/);
  });
});
