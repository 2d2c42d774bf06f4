/** Imports flow one way: gateway and worker -> runtime -> task. A broken layer or a cycle fails the build. */
const forbid = (name, from, to) => ({ name, severity: 'error', from, to });

export default {
  forbidden: [
    forbid('no-cycles', {}, { circular: true }),
    forbid(
      'task-imports-nothing-of-ours',
      { path: '^services/task' },
      { path: '^services/(runtime|gateway|worker)' },
    ),
    forbid(
      'runtime-imports-no-service',
      { path: '^services/runtime' },
      { path: '^services/(gateway|worker)' },
    ),
    forbid('worker-cannot-reach-the-gateway', { path: '^services/worker' }, { path: '^services/gateway' }),
    forbid('worker-reaches-no-supabase', { path: '^services/worker' }, { path: 'supabase', reachable: true }),
    forbid(
      'only-supabase-imports-supabase-js',
      { path: '^services', pathNot: '^services/gateway/src/supabase/' },
      { path: '@supabase/' },
    ),
    forbid(
      'only-kubernetes-imports-its-client',
      { path: '^services', pathNot: '^services/gateway/src/kubernetes/' },
      { path: '@kubernetes/client-node' },
    ),
    forbid('acceptance-never-imports-source', { path: '^test/acceptance' }, { path: '^services/' }),
    forbid('no-unresolved', {}, { couldNotResolve: true }),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
