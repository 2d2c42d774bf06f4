{{/* What the chart itself sets for the worker, less its secrets. */}}
{{- define "tickwork.workerSettings" -}}
{{ include "tickwork.commonSettings" . }}
AGENT: {{ .Values.worker.agent | quote }}
CONCURRENCY: {{ .Values.worker.concurrency | int | quote }}
TASK_TIMEOUT_MS: {{ .Values.worker.taskTimeoutMs | int | quote }}
TICK_TIMEOUT_MS: {{ .Values.worker.tickTimeoutMs | int | quote }}
RESULT_LIMIT_BYTES: {{ .Values.worker.resultLimitBytes | int | quote }}
CLAIM_MS: {{ .Values.settings.claimMs | int | quote }}
MAX_ATTEMPTS: {{ .Values.settings.maxAttempts | int | quote }}
{{- end -}}

{{/* What an agent's variables may not be. A worker refuses to start with a variable of Supabase's; here it is said before. */}}
{{- define "tickwork.validateWorkerEnv" -}}
{{- $own := merge (dict "REDIS_URL" "" "RABBITMQ_URL" "" "REDIS_KEY_PREFIX" "" "OTEL_EXPORTER_OTLP_ENDPOINT" "") (include "tickwork.workerSettings" . | fromYaml) -}}
{{- $names := keys .Values.worker.env | sortAlpha -}}
{{- range .Values.worker.extraEnv -}}{{- $names = append $names (toString .name) -}}{{- end -}}
{{- range $names -}}
{{- if hasPrefix "SUPABASE_" . -}}
{{- fail (printf "%s must not be set for the worker: it has no access to Supabase, whose variables belong to the gateway alone" .) -}}
{{- end -}}
{{- end -}}
{{- range keys .Values.worker.env | sortAlpha -}}
{{- if hasKey $own . -}}
{{- fail (printf "worker.env must not hold %s: another value of the chart's sets it" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
