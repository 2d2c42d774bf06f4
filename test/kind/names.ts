/** What make kind-up makes. */
export const clusterName = 'tickwork';
export const namespace = 'tickwork';
