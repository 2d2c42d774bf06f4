import { createClient } from '@supabase/supabase-js';
import type { Cluster } from './cluster.ts';
import { installDependencies, password } from './dependencies.ts';
import { forward } from './forward.ts';
import { createRelease, type HelmProgram, merge, type Values } from './release.ts';

/** A namespace with the dependencies and, once installed, Tickwork; its gateway and its Supabase on this machine. */
export async function createInstallation(cluster: Cluster, namespace: string, helm?: HelmProgram) {
  const dependencies = await installDependencies(cluster, namespace);
  const release = createRelease(cluster, namespace, helm);
  return {
    namespace,
    dependencies,
    release,
    /** Values of the dependencies, with these over them. */
    values: (more: Values = {}) => merge(dependencies.values, more),
    access: () => accessTo(cluster, namespace, dependencies.tokens.anon),
  };
}

/** The gateway and Supabase of a namespace by loopback addresses, and a way to sign in. */
export async function accessTo({ config }: Cluster, namespace: string, anonKey: () => Promise<string>) {
  const [gateway, supabase] = await Promise.all([
    forward(config, namespace, 'tickwork-gateway', 8080),
    forward(config, namespace, 'supabase', 8000),
  ]);
  return {
    gatewayUrl: gateway.url,
    signIn: async (email: string) => {
      const client = createClient(supabase.url, await anonKey(), { auth: { persistSession: false } });
      const { data, error } = await client.auth.signInWithPassword({ email, password });
      if (error) throw error;
      return { client, token: data.session.access_token };
    },
    close: () => {
      gateway.close();
      supabase.close();
    },
  };
}
