import { configSchema, type Config } from './schema.js';
import { readYamlFile } from './yaml-file.js';

/** Reads a configuration file. Throws AfterglowError `config-invalid`, naming line and field. */
export function loadConfig(file: string): Config {
  return readYamlFile(file, configSchema, 'config-invalid');
}
