// The files of docs/scale: parsed, held against the shape their programs expect, and against the service they start.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { readConfig, Settings } from '../src/config.ts';

const FOLDER = join(import.meta.dirname, '../docs/scale');
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

// compose-spec.io, what of it we use; strict, so that a misspelt key is found.
const Wait = z.strictObject({ condition: z.enum(['service_started', 'service_healthy']) });
const Service = z.strictObject({
  image: z.string(),
  build: z.string().optional(),
  user: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  env_file: z.array(z.strictObject({ path: z.string(), required: z.boolean() })).optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  configs: z.array(z.strictObject({ source: z.string(), target: z.string(), mode: z.number().optional() })).optional(),
  volumes: z.array(z.string().regex(/^[./\w-]+:\/[^:]+(:ro)?$/)).optional(),
  ports: z.array(z.string().regex(/^([\d.]+:)?\d+:\d+$/)).optional(),
  deploy: z.strictObject({ replicas: z.number().int().positive() }).optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  depends_on: z.union([z.array(z.string()), z.record(z.string(), Wait)]).optional(),
  healthcheck: z
    .strictObject({ test: z.array(z.string()), interval: z.string(), timeout: z.string(), retries: z.number() })
    .optional(),
  restart: z.enum(['unless-stopped', 'always', 'no']).optional(),
  stop_grace_period: z
    .string()
    .regex(/^\d+s$/)
    .optional(),
});
const Compose = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.null()),
  configs: z.record(z.string(), z.strictObject({ content: z.string() })),
});

describe('compose.yaml', () => {
  const compose = Compose.parse(parse(read('compose.yaml')));
  const services = Object.values(compose.services);

  test('names only services, volumes and configs that are there', () => {
    for (const { depends_on = {}, configs = [], volumes = [] } of services) {
      const others = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
      expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(others));
      expect(Object.keys(compose.configs)).toEqual(expect.arrayContaining(configs.map(({ source }) => source)));
      const named = volumes.map((volume) => volume.split(':')[0] ?? '').filter((name) => !name.startsWith('.'));
      expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(named));
    }
  });

  test('everything is there again after the machine was started anew', () => {
    for (const [name, { restart }] of Object.entries(compose.services))
      expect([name, restart]).toEqual([name, 'unless-stopped']);
    const readme = readFileSync(join(FOLDER, '../../README.md'), 'utf8');
    const [run] = /docker run -d .*/.exec(readme) ?? [];
    expect(run).toContain('--restart unless-stopped');
  });

  test('starts at least two bridges with settings that the service takes', () => {
    const { bridge } = compose.services;
    expect(bridge?.deploy?.replicas).toBeGreaterThanOrEqual(2);
    const given = Object.entries(bridge?.environment ?? {}).map(([name, value]) => [
      name,
      value.replace(/\$\{POSTGRES_PASSWORD[^}]*\}/, 'secret'),
    ]);
    expect(Object.keys(Settings.shape)).toEqual(expect.arrayContaining(given.map(([name]) => name)));
    expect(readConfig(Object.fromEntries(given), '/nowhere').DATABASE_URL).toContain('@primary,standby/');
  });

  test('lets commits wait for the standby under the name it has', () => {
    expect(compose.configs['first-start']?.content).toContain("synchronous_standby_names = 'standby'");
    expect(compose.configs.follow?.content).toContain('application_name=standby');
  });
});

// kubernetes.io/docs/reference/kubernetes-api, what of it we use.
const Meta = z.strictObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional() });
const Labels = z.record(z.string(), z.string());
const Selector = z.strictObject({ matchLabels: Labels });
const Port = z.strictObject({ name: z.string(), containerPort: z.number().int() });
const Probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string(), port: z.string() }).optional(),
  tcpSocket: z.strictObject({ port: z.string() }).optional(),
  periodSeconds: z.number(),
  failureThreshold: z.number(),
});
const Env = z.strictObject({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.strictObject({ secretKeyRef: z.strictObject({ name: z.string(), key: z.string() }) }).optional(),
});
const Container = z.strictObject({
  name: z.string(),
  image: z.string(),
  envFrom: z.array(z.strictObject({ secretRef: z.strictObject({ name: z.string() }) })),
  env: z.array(Env),
  ports: z.array(Port),
  readinessProbe: Probe,
  startupProbe: Probe,
  livenessProbe: Probe,
  resources: z.strictObject({ requests: Labels, limits: Labels }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.array(z.literal('ALL')) }),
  }),
  volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean() })),
});
const Pod = z.strictObject({
  metadata: z.strictObject({ labels: Labels }),
  spec: z.strictObject({
    terminationGracePeriodSeconds: z.number(),
    securityContext: z.strictObject({
      runAsNonRoot: z.literal(true),
      runAsUser: z.number(),
      seccompProfile: z.strictObject({ type: z.string() }),
    }),
    topologySpreadConstraints: z.array(
      z.strictObject({
        maxSkew: z.number(),
        topologyKey: z.string(),
        whenUnsatisfiable: z.enum(['ScheduleAnyway', 'DoNotSchedule']),
        labelSelector: Selector,
      }),
    ),
    containers: z.array(Container),
    volumes: z.array(z.strictObject({ name: z.string(), configMap: z.strictObject({ name: z.string() }) })),
  }),
});
const resource = <Kind extends string, Spec extends z.ZodType>(apiVersion: string, kind: Kind, spec: Spec) =>
  z.strictObject({ apiVersion: z.literal(apiVersion), kind: z.literal(kind), metadata: Meta, spec });
const Synchronous = z.strictObject({
  method: z.enum(['any', 'first']),
  number: z.number(),
  dataDurability: z.enum(['required', 'preferred']),
});
const Resource = z.discriminatedUnion('kind', [
  resource(
    'postgresql.cnpg.io/v1',
    'Cluster',
    z.strictObject({
      instances: z.number(),
      storage: z.strictObject({ size: z.string() }),
      postgresql: z.strictObject({ synchronous: Synchronous, parameters: Labels }),
      bootstrap: z.strictObject({ initdb: z.strictObject({ database: z.string(), owner: z.string() }) }),
    }),
  ),
  resource(
    'apps/v1',
    'Deployment',
    z.strictObject({
      replicas: z.number(),
      strategy: z.strictObject({ rollingUpdate: z.strictObject({ maxUnavailable: z.number(), maxSurge: z.number() }) }),
      selector: Selector,
      template: Pod,
    }),
  ),
  resource('policy/v1', 'PodDisruptionBudget', z.strictObject({ maxUnavailable: z.number(), selector: Selector })),
  resource(
    'v1',
    'Service',
    z.strictObject({
      selector: Labels,
      ports: z.array(z.strictObject({ name: z.string(), port: z.number(), targetPort: z.string() })),
    }),
  ),
]);

describe('kubernetes.yaml', () => {
  const resources = parseAllDocuments(read('kubernetes.yaml')).map((document) => Resource.parse(document.toJS()));
  const deployment = resources.find((one) => one.kind === 'Deployment');
  const pod = deployment?.spec.template;
  const [container] = pod?.spec.containers ?? [];
  const ports = container?.ports.map(({ name }) => name) ?? [];

  test('selects the pods it makes, and ports they have', () => {
    for (const one of resources) {
      if (one.kind === 'Service') expect(pod?.metadata.labels).toMatchObject(one.spec.selector);
      if (one.kind === 'Service')
        expect(ports).toEqual(expect.arrayContaining(one.spec.ports.map((port) => port.targetPort)));
      if (one.kind === 'PodDisruptionBudget') expect(pod?.metadata.labels).toMatchObject(one.spec.selector.matchLabels);
    }
    expect(ports).toEqual(
      expect.arrayContaining([container?.readinessProbe.httpGet?.port, container?.livenessProbe.tcpSocket?.port]),
    );
    expect(pod?.spec.volumes.map(({ name }) => name)).toEqual(container?.volumeMounts.map(({ name }) => name));
  });

  test('gives settings that the service takes, and time to drain', () => {
    const names = container?.env.map(({ name }) => name) ?? [];
    expect(Object.keys(Settings.shape)).toEqual(expect.arrayContaining(names));
    const drain = Number(container?.env.find(({ name }) => name === 'DRAIN_SECONDS')?.value);
    expect(pod?.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(drain + 10);
  });

  test('lets a start change large tables for an hour, as the image does', () => {
    const { periodSeconds = 0, failureThreshold = 0 } = container?.startupProbe ?? {};
    expect(periodSeconds * failureThreshold).toBe(3_600);
    expect(readFileSync(join(FOLDER, '../../Dockerfile'), 'utf8')).toContain('--start-period=1h');
  });

  test('waits for a standby before anything is acknowledged', () => {
    const cluster = resources.find((one) => one.kind === 'Cluster');
    expect(cluster?.spec).toMatchObject({ postgresql: { synchronous: { number: 1, dataDurability: 'required' } } });
    expect(cluster?.spec.instances).toBeGreaterThanOrEqual(2);
  });
});
