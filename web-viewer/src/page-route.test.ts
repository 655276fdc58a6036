import { describe, expect, it } from 'vitest';
import { routeOf } from './page-route.js';

const cameras = [{ id: 'gate' }, { id: 'yard' }];
const WALL = { kind: 'wall' };

describe('what an address of the page shows', () => {
  it('is the wall, unless it names a camera that there is', () => {
    for (const address of ['', '#/', '#/cellar', '#gate', '#/Gate', '#/gate/x']) {
      expect(routeOf(address, cameras)).toEqual(WALL);
    }
    expect(routeOf('#/yard', cameras)).toEqual({ kind: 'stream', id: 'yard' });
  });

  it('is the camera itself where there is one alone', () => {
    for (const address of ['', '#/', '#/yard']) {
      expect(routeOf(address, cameras.slice(0, 1))).toEqual({ kind: 'stream', id: 'gate' });
    }
    expect(routeOf('', [])).toEqual(WALL);
  });

  it('is the film room, also where there is no camera or one of that name', () => {
    for (const streams of [[], cameras, [{ id: 'films' }]]) {
      expect(routeOf('#films', streams)).toEqual({ kind: 'films', film: null });
      expect(routeOf('#films/0b0e9a4e-1', streams)).toEqual({ kind: 'films', film: '0b0e9a4e-1' });
    }
    expect(routeOf('#/films', [...cameras, { id: 'films' }])).toEqual({ kind: 'stream', id: 'films' });
  });
});
