import { KubeConfig } from '@kubernetes/client-node';
import { ConfigError } from '@tickwork/runtime/process/config';
import { createLeaseApi, type LeaseApi } from './lease.ts';

/**
 * The Lease of this name at the API server of the pod's own cluster, as the pod's service account; its token is read again
 * once a minute. Without `namespace`: the pod's.
 */
export function createClusterLeaseApi(env: NodeJS.ProcessEnv, name: string, namespace?: string): LeaseApi {
  if (!env['KUBERNETES_SERVICE_HOST']) {
    throw new ConfigError(
      'LEASE_NAME must not be set outside a cluster: there is no KUBERNETES_SERVICE_HOST',
    );
  }
  const config = new KubeConfig();
  config.loadFromCluster();
  const ownNamespace = config.getContextObject(config.getCurrentContext())?.namespace?.trim();
  const found = namespace ?? ownNamespace;
  if (!found) throw new ConfigError('LEASE_NAMESPACE must be set: the pod has no service account mounted');
  return createLeaseApi(config, { namespace: found, name });
}
