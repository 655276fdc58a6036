import { realpathSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { parseInput } from '../config/input-location.js';
import { pipelineNames } from '../config/recipe.js';
import { streamSchema, type StreamConfig } from '../config/stream-schema.js';
import { checkRequest, invalidRequest } from './request-check.js';

const body = z.record(z.string(), z.unknown(), { error: 'must be a JSON object' });

/** Fields whose parts may be changed one by one; any other is replaced as a whole. */
const MERGED = ['recording', 'encoder', 'regions'] as const;

/**
 * The configuration of a stream that the API is to add. inputFolders: where files may be.
 *
 * Throws AfterglowError `request-invalid` or `input-invalid`.
 */
export function addedStream(request: unknown, inputFolders: readonly string[]): StreamConfig {
  const fields = checkRequest(body, request);
  return checkRequest(streamSchema, allowed(fields, inputFolders));
}

/**
 * The configuration of a stream that the API is to change: what the request names is replaced, and null takes an optional
 * field away. Throws as addedStream.
 */
export function changedStream(current: StreamConfig, request: unknown, inputFolders: readonly string[]): StreamConfig {
  const fields = checkRequest(body, request);
  if (fields['id'] !== undefined && fields['id'] !== current.id) {
    throw invalidRequest('id: a stream keeps its id', 'remove the stream and add another');
  }
  const next: Record<string, unknown> = { ...current };
  for (const [name, value] of Object.entries(allowed(fields, inputFolders))) {
    const before: unknown = next[name];
    if (value === null) Reflect.deleteProperty(next, name);
    else if (MERGED.some((each) => each === name) && isRecord(value) && isRecord(before)) {
      next[name] = { ...before, ...value };
    } else next[name] = value;
  }
  const checked = checkRequest(streamSchema, next);
  if (checked.credentials !== undefined && hostOf(checked.input) !== hostOf(current.input)) {
    throw invalidRequest(
      'input: the credentials that the configuration holds are for the camera that it names',
      'change only the path, or take them away with "credentials": null',
    );
  }
  return checked;
}

/** What the API may not name, it may not reach: files elsewhere, recipes by path, secrets of this machine. */
function allowed(fields: Readonly<Record<string, unknown>>, inputFolders: readonly string[]): Record<string, unknown> {
  const { input, pipeline, credentials } = fields;
  if (credentials !== undefined && credentials !== null) {
    throw invalidRequest(
      'credentials: variables and files of the server cannot be named here',
      'write user and password into the address, or set them in the configuration file',
    );
  }
  if (pipeline !== undefined && !pipelineNames().some((name) => name === pipeline)) {
    throw invalidRequest('pipeline: there is none of this name', `choose one of ${pipelineNames().join(', ')}`);
  }
  if (typeof input !== 'string') return { ...fields };
  const location = parseInput(input);
  return { ...fields, input: location.kind === 'file' ? allowedFile(location.path, inputFolders) : input };
}

/** The real path of a file that the API may name. One answer for all others, so that nobody can ask what files there are. */
function allowedFile(file: string, inputFolders: readonly string[]): string {
  const real = realPath(file);
  const inside = inputFolders.map(realPath).some((folder) => {
    const relative = folder !== null && real !== null ? path.relative(folder, real) : '';
    return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  });
  if (real !== null && inside) return real;
  throw invalidRequest(
    'input: this file is in none of the folders that server.inputFolders names',
    'give an rtsp:// address or a webcam, or put the file into one of those folders',
  );
}

function realPath(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null;
  }
}

function hostOf(input: string): string {
  const location = parseInput(input);
  return location.kind === 'rtsp' ? new URL(location.url).host : '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
