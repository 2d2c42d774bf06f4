const strings = { type: 'object', additionalProperties: { type: 'string' } };
const names = { propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } };
const objects = { type: 'array', items: { type: 'object' } };
const atLeast = (minimum: number) => ({ type: 'integer', minimum });
/** Kubernetes keeps a Lease's duration in seconds. */
const wholeSeconds = { type: 'integer', minimum: 1000, multipleOf: 1000 };
const port = { type: 'integer', minimum: 1, maximum: 65_535 };
/** CIDR of either family. */
const cidr = '^[0-9a-fA-F:.]+/\\d{1,3}$';

/** As the gateway's CORS_ORIGINS has one. */
const origin = '^(\\*|https?://[A-Za-z0-9*-]+(\\.[A-Za-z0-9*-]+)*(:[0-9]{1,5}|:\\*)?)$';

/** What values.schema.json asks of a value beyond the type of its default. The first pattern that fits counts. */
export const rules: readonly (readonly [RegExp, Readonly<Record<string, unknown>>])[] = [
  [/^image\.pullPolicy$/, { enum: ['Always', 'IfNotPresent', 'Never'] }],
  [/^supabase\.url$/, { type: 'string', pattern: '^(https?://\\S+)?$' }],
  [/^redis\.(url|workerUrl)$/, { type: 'string', pattern: '^(rediss?://\\S+)?$' }],
  [/^redis\.keyPrefix$/, { type: 'string', pattern: '^[A-Za-z0-9:_-]*$' }],
  [/^rabbitmq\.(url|workerUrl)$/, { type: 'string', pattern: '^(amqps?://\\S+)?$' }],
  [/^rabbitmq\.queue$/, { type: 'string', minLength: 1 }],
  [/^settings\.claimMs$/, { type: 'integer', minimum: 1000, maximum: 600_000 }],
  [/^settings\.maxAttempts$/, { type: 'integer', minimum: 1, maximum: 100 }],
  [/^settings\.logLevel$/, { enum: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] }],
  [/^telemetry\.otlpEndpoint$/, { type: 'string', pattern: '^(https?://\\S+)?$' }],
  [/^telemetry\.env$/, { ...strings, propertyNames: { pattern: '^OTEL_[A-Z0-9_]+$' } }],
  [/\.digest$/, { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' }],
  [/^worker\.agent$/, { type: 'string', minLength: 1 }],
  [/^worker\.env$/, { ...strings, ...names }],
  [/^worker\.egress\.ports$/, { type: 'array', items: port }],
  [/^worker\.taskTimeoutMs$/, { type: 'integer', minimum: 1000, maximum: 604_800_000 }],
  [/^worker\.tickTimeoutMs$/, { type: 'integer', minimum: 1000, maximum: 86_400_000 }],
  [/^worker\.resultLimitBytes$/, { type: 'integer', minimum: 1024, maximum: 1_048_576 }],
  [/^worker\.concurrency$/, { type: 'integer', minimum: 1, maximum: 100 }],
  [/^gateway\.cors\.origins$/, { type: 'array', items: { type: 'string', pattern: origin } }],
  [/^gateway\.writesPerMinute$/, { type: 'integer', minimum: 1, maximum: 100_000 }],
  [/^(gateway\.sourceUrl|monitoring\.runbooksUrl)$/, { type: 'string', pattern: '^(https?://\\S+)?$' }],
  [/^gateway\.service\.type$/, { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] }],
  [/^gateway\.service\.port$/, port],
  [/\.durationMs$/, wholeSeconds],
  [/Utilization/, { type: 'integer', minimum: 1, maximum: 100 }],
  [/\.keda\.minReplicas$/, atLeast(0)],
  [
    /(^|\.)(replicas|minReplicas|maxReplicas|messagesPerPod|pollingInterval|renewDeadlineMs|retryPeriodMs)$/,
    atLeast(1),
  ],
  [/\.(terminationGracePeriodSeconds|cooldownPeriod)$/, atLeast(0)],
  [/\.maxUnavailable$/, { anyOf: [atLeast(1), { type: 'string', pattern: '^\\d{1,3}%$' }] }],
  [/\.ports$/, { type: 'array', minItems: 1, items: port }],
  [/exceptCIDRs$/, { type: 'array', items: { type: 'string', pattern: cidr } }],
  [/(hosts|hostnames)$/, { type: 'array', items: { type: 'string', minLength: 1 } }],
  [/\.interval$/, { type: 'string', pattern: '^\\d+(ms|s|m)$' }],
  [/(nnotations|abels|nodeSelector)$/, strings],
  [
    /(pullSecrets|tls|parentRefs|extraEnv|envFrom|extraVolumes|extraVolumeMounts|tolerations|Constraints|\.from|\.to)$/,
    objects,
  ],
];
