{{/* Combinations that can't work, each with the mend. Included once, by the gateway's Deployment. */}}
{{- define "tickwork.validate" -}}
{{- $v := .Values -}}
{{- if not (regexMatch "^https?://[^/\\s]+" $v.supabase.url) -}}
{{- fail "supabase.url must be set to the project's URL, as https://<project>.supabase.co" -}}
{{- end -}}
{{- if and (not $v.supabase.anonKey) (not $v.supabase.existingSecret) -}}
{{- fail "set supabase.anonKey, or supabase.existingSecret to a Secret with the key anon-key" -}}
{{- end -}}
{{- if and $v.supabase.existingSecret (or $v.supabase.anonKey $v.supabase.jwtSecret) -}}
{{- fail "supabase.existingSecret replaces supabase.anonKey and supabase.jwtSecret: set one or the other" -}}
{{- end -}}
{{- if and $v.supabase.legacyTokens (not $v.supabase.existingSecret) -}}
{{- fail "supabase.legacyTokens belongs to supabase.existingSecret; without one set supabase.jwtSecret" -}}
{{- end -}}
{{- include "tickwork.oneOf" (dict "name" "supabase.reconcilerToken" "value" $v.supabase.reconcilerToken.value "inline" "value" "secret" $v.supabase.reconcilerToken.existingSecret "key" "token") -}}
{{- include "tickwork.oneOf" (dict "name" "redis" "value" $v.redis.url "inline" "url" "secret" $v.redis.existingSecret "key" "url") -}}
{{- include "tickwork.oneOf" (dict "name" "rabbitmq" "value" $v.rabbitmq.url "inline" "url" "secret" $v.rabbitmq.existingSecret "key" "url") -}}
{{- if and (not $v.rabbitmq.workerUrl) (not $v.rabbitmq.workerExistingSecret) -}}
{{- fail "set rabbitmq.workerUrl, or rabbitmq.workerExistingSecret: the worker needs a RabbitMQ user of its own, which may only read" -}}
{{- end -}}
{{- if and $v.gateway.ingress.enabled (not $v.gateway.ingress.hosts) -}}
{{- fail "gateway.ingress.enabled needs gateway.ingress.hosts" -}}
{{- end -}}
{{- if and $v.gateway.httpRoute.enabled (not $v.gateway.httpRoute.parentRefs) -}}
{{- fail "gateway.httpRoute.enabled needs gateway.httpRoute.parentRefs" -}}
{{- end -}}
{{- if and $v.gateway.autoscaling.enabled (gt (int $v.gateway.autoscaling.minReplicas) (int $v.gateway.autoscaling.maxReplicas)) -}}
{{- fail "gateway.autoscaling.minReplicas must not exceed gateway.autoscaling.maxReplicas" -}}
{{- end -}}
{{- if and $v.gateway.autoscaling.enabled (not (dig "requests" "cpu" "" $v.gateway.resources)) -}}
{{- fail "gateway.autoscaling scales by CPU: set gateway.resources.requests.cpu" -}}
{{- end -}}
{{- if and $v.worker.keda.enabled (gt (int $v.worker.keda.minReplicas) (int $v.worker.keda.maxReplicas)) -}}
{{- fail "worker.keda.minReplicas must not exceed worker.keda.maxReplicas" -}}
{{- end -}}
{{- if lt (int $v.worker.terminationGracePeriodSeconds) 30 -}}
{{- fail "worker.terminationGracePeriodSeconds must be at least 30: a worker takes up to 25 s to tell its agents to stop and to hand their tasks back" -}}
{{- end -}}
{{- if and $v.worker.image $v.worker.digest -}}
{{- fail "worker.image replaces worker.digest: set one or the other, or worker.image to name@sha256:…" -}}
{{- end -}}
{{- if and $v.worker.egress.ports (not $v.worker.egress.to) -}}
{{- fail "worker.egress.ports belongs to worker.egress.to: without it an agent reaches nothing private" -}}
{{- end -}}
{{- include "tickwork.validateWorkerEnv" . -}}
{{- include "tickwork.validateTelemetryEnv" . -}}
{{- with $v.reconciler.lease -}}
{{- if not (and (gt (int .durationMs) (int .renewDeadlineMs)) (gt (int .renewDeadlineMs) (int .retryPeriodMs))) -}}
{{- fail "reconciler.lease: durationMs must exceed renewDeadlineMs, and that retryPeriodMs" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* They go into ConfigMaps, and are the same in all three. */}}
{{- define "tickwork.validateTelemetryEnv" -}}
{{- range keys .Values.telemetry.env | sortAlpha -}}
{{- if hasSuffix "_ENDPOINT" . -}}
{{- fail (printf "telemetry.env must not hold %s: set telemetry.otlpEndpoint, which also opens the network policies" .) -}}
{{- end -}}
{{- if hasSuffix "_HEADERS" . -}}
{{- fail (printf "telemetry.env must not hold %s, which may be secret: set it by a secretKeyRef in gateway.extraEnv, reconciler.extraEnv and worker.extraEnv" .) -}}
{{- end -}}
{{- if eq "OTEL_SERVICE_NAME" . -}}
{{- fail "telemetry.env must not hold OTEL_SERVICE_NAME: gateway, reconciler and worker would all have one name" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "tickwork.oneOf" -}}
{{- if and .value .secret -}}
{{- fail (printf "%s.existingSecret replaces %s.%s: set one or the other" .name .name .inline) -}}
{{- end -}}
{{- if and (not .value) (not .secret) -}}
{{- fail (printf "set %s.%s, or %s.existingSecret to a Secret with the key %s" .name .inline .name .key) -}}
{{- end -}}
{{- end -}}
