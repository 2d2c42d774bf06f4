import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';

interface LeaseBody {
  metadata: { name: string; resourceVersion?: string; [field: string]: unknown };
  spec: Record<string, unknown>;
}

export interface ApiServer {
  readonly config: (user?: string) => KubeConfig;
  /** The same as the text of a file for KUBECONFIG. */
  readonly kubeconfig: string;
  readonly calls: {
    method: string;
    path: string;
    authorization: string | undefined;
    body: LeaseBody | null;
  }[];
  lease: LeaseBody | null;
  /** Answers every call with this, or with null not at all. */
  broken: { status: number; body: string } | null | undefined;
  close(): Promise<void>;
}

/** A server that speaks the Lease API as far as it is used, version conflicts and all. */
export async function startApiServer(): Promise<ApiServer> {
  const server = createServer((request, response) => void handle(api, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const api: ApiServer = {
    config: (user) => kubeConfig(port, user),
    kubeconfig: kubeconfigText(port),
    calls: [],
    lease: null,
    broken: undefined,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return api;
}

/** The client refuses plain HTTP unless TLS is not to be verified. */
const kubeconfigText = (port: number, user = '{"token":"secret"}') => `
current-context: test
clusters: [{name: test, cluster: {server: "http://127.0.0.1:${port}", insecure-skip-tls-verify: true}}]
users: [{name: test, user: ${user}}]
contexts: [{name: test, context: {cluster: test, user: test}}]
`;

function kubeConfig(port: number, user?: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(kubeconfigText(port, user));
  return config;
}

async function handle(api: ApiServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url: path = '' } = request;
  const body = method === 'GET' ? null : ((await json(request)) as LeaseBody);
  api.calls.push({ method, path, authorization: request.headers.authorization, body });
  if (api.broken === null) return;
  const { status, body: answer } = api.broken ?? respond(api, method, body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
}

function respond(api: ApiServer, method: string, body: LeaseBody | null): { status: number; body: string } {
  if (method === 'GET' || body === null) return api.lease ? send(200, api.lease) : fail(404, 'not found');
  const conflict =
    method === 'POST'
      ? api.lease !== null
      : body.metadata.resourceVersion !== api.lease?.metadata.resourceVersion;
  if (conflict) return fail(409, 'the object has been modified');
  const resourceVersion = String(Number(api.lease?.metadata.resourceVersion ?? 0) + 1);
  api.lease = { ...body, metadata: { ...body.metadata, resourceVersion } };
  return send(method === 'POST' ? 201 : 200, api.lease);
}

const send = (status: number, body: unknown) => ({ status, body: JSON.stringify(body) });
const fail = (status: number, message: string) => send(status, { kind: 'Status', message, code: status });
