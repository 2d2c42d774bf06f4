{{/* What every pod template has in its metadata. A change of a ConfigMap or of a Secret of the chart's rolls the pods. */}}
{{- define "tickwork.podMetadata" -}}
labels:
  {{- include "tickwork.labels" . | nindent 2 }}
  {{- with .values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  checksum/config: {{ include (print .root.Template.BasePath .config) .root | sha256sum }}
  checksum/secrets: {{ include (print .root.Template.BasePath .secrets) .root | sha256sum }}
  {{- with .values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* What every pod spec has, less its containers and volumes. Service links stay off: they would put every Service of the
namespace into the environment, SUPABASE_… included. */}}
{{- define "tickwork.podSpec" -}}
serviceAccountName: {{ include "tickwork.name" . }}
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .values.terminationGracePeriodSeconds }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile:
    type: RuntimeDefault
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
topologySpreadConstraints:
  {{- if .values.topologySpreadConstraints }}
  {{- toYaml .values.topologySpreadConstraints | nindent 2 }}
  {{- else }}
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "tickwork.selector" $ | nindent 8 }}
  {{- end }}
  {{- end }}
{{- end -}}

{{/* What every container has, less its name, arguments and environment. */}}
{{- define "tickwork.container" -}}
image: {{ include "tickwork.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
startupProbe:
  httpGet: {path: /ready, port: admin}
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /live, port: admin}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet: {path: /ready, port: admin}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 1
resources:
  {{- toYaml .values.resources | nindent 2 }}
{{- end -}}

{{- define "tickwork.secretVariable" -}}
- name: {{ .variable }}
  valueFrom:
    secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}
{{- end -}}

{{/* Settings of all three, for a ConfigMap. */}}
{{- define "tickwork.commonSettings" -}}
LOG_LEVEL: {{ .Values.settings.logLevel | quote }}
RABBITMQ_QUEUE: {{ .Values.rabbitmq.queue | quote }}
{{- with .Values.redis.keyPrefix }}
REDIS_KEY_PREFIX: {{ . | quote }}
{{- end }}
{{- with .Values.telemetry.otlpEndpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ . | quote }}
{{- end }}
{{- with .Values.telemetry.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "tickwork.pdb" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "tickwork.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .values.pdb.maxUnavailable }}
  selector:
    matchLabels:
      {{- include "tickwork.selector" . | nindent 6 }}
{{- end -}}

{{- define "tickwork.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "tickwork.metadata" . | nindent 2 }}
  {{- with .values.serviceAccountAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end -}}
