import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments, parse } from 'yaml';
import { packageRoot } from './package-root.js';
import { configSchema } from './schema.js';

const read = (file: string): string => readFileSync(path.join(packageRoot, file), 'utf8');

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Record<string, string>;
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly spec: PodSpec };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}
interface PodSpec {
  readonly volumes: readonly { readonly name: string }[];
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly volumeMounts?: readonly { readonly name: string }[];
    readonly livenessProbe?: { readonly httpGet: { readonly path: string } };
    readonly readinessProbe?: { readonly httpGet: { readonly path: string } };
  }[];
}

describe('docs/kubernetes.md', () => {
  const manifests = [...read('docs/kubernetes.md').matchAll(/```yaml\n([\s\S]*?)```/g)].flatMap(([, text = '']) =>
    parseAllDocuments(text).map((document): Manifest => {
      expect(document.errors).toEqual([]);
      return document.toJS() as Manifest;
    }),
  );
  const of = (kind: string): Manifest | undefined => manifests.find((manifest) => manifest.kind === kind);

  it('has a configuration for each pod, which Afterglow takes', () => {
    const configurations = Object.entries(of('ConfigMap')?.data ?? {});
    expect(configurations.map(([name]) => name)).toEqual(['afterglow-0.yaml', 'afterglow-1.yaml']);
    for (const [, text] of configurations) {
      expect(configSchema.safeParse(parse(text)).error).toBeUndefined();
    }
    expect(of('StatefulSet')?.spec?.replicas).toBe(configurations.length);
  });

  it('asks the health that there is, and mounts the volumes that there are', () => {
    const [container] = of('StatefulSet')?.spec?.template?.spec.containers ?? [];
    expect(container?.livenessProbe?.httpGet.path).toBe('/healthz');
    expect(container?.readinessProbe?.httpGet.path).toBe('/readyz');
    for (const { spec } of manifests) {
      const pod = spec?.template?.spec;
      const claims = spec?.volumeClaimTemplates?.map(({ metadata }) => metadata.name) ?? [];
      const there = [...(pod?.volumes ?? []).map(({ name }) => name), ...claims];
      const mounted = (pod?.containers ?? []).flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name));
      expect(there).toEqual(expect.arrayContaining(mounted));
    }
  });
});

describe('Docker and systemd', () => {
  it('copy and start what there is', () => {
    const dockerfile = read('Dockerfile');
    const copied = [...dockerfile.matchAll(/^COPY --from=build \/app\/(\S+)/gm)].map(([, name = '']) => name);
    expect(copied).toEqual(expect.arrayContaining(['dist', 'models', 'pipelines', 'node_modules']));
    for (const name of copied) expect(existsSync(path.join(packageRoot, name)), name).toBe(true);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK .*deploy\/healthcheck\.js/m);
  });

  it('give the end its time, and reload by SIGHUP', () => {
    const { services } = parse(read('compose.yaml')) as {
      services: Record<string, { init: boolean; stop_grace_period: string; healthcheck: object }>;
    };
    expect(services['afterglow']).toMatchObject({ init: true, stop_grace_period: '20s' });
    const unit = read('deploy/afterglow.service');
    expect(unit).toMatch(/^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
    expect(unit).toMatch(/^OOMPolicy=continue$/m);
    expect(unit).not.toMatch(/^MemoryDenyWriteExecute=/m);
  });
});
