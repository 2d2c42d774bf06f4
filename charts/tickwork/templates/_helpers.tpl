{{/* Names. Every helper below takes a context with `root` (the chart's `.`), `name` (the component) and `values` (the component's). */}}
{{- define "tickwork.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "tickwork.name" -}}
{{ include "tickwork.fullname" .root }}-{{ .name }}
{{- end -}}

{{- define "tickwork.releaseSelector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tickwork.selector" -}}
{{ include "tickwork.releaseSelector" .root }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{- define "tickwork.labels" -}}
{{ include "tickwork.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "tickwork.metadata" -}}
name: {{ include "tickwork.name" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "tickwork.labels" . | nindent 2 }}
{{- end -}}

{{/* The image of a component: the user's own, else by digest, else by tag. */}}
{{- define "tickwork.image" -}}
{{- $image := .root.Values.image -}}
{{- $repository := .images.repository -}}
{{- if $image.registry -}}{{- $repository = printf "%s/%s" $image.registry $repository -}}{{- end -}}
{{- if .images.image -}}
{{ .images.image }}
{{- else if .images.digest -}}
{{ printf "%s@%s" $repository .images.digest }}
{{- else -}}
{{ printf "%s:%s" $repository (default .root.Chart.AppVersion $image.tag) }}
{{- end -}}
{{- end -}}

{{/* Names of Secrets: the user's, else the chart's own. */}}
{{- define "tickwork.supabaseSecret" -}}
{{ default (include "tickwork.name" (dict "root" . "name" "supabase")) .Values.supabase.existingSecret }}
{{- end -}}
{{- define "tickwork.tokenSecret" -}}
{{ default (include "tickwork.name" (dict "root" . "name" "reconciler-token")) .Values.supabase.reconcilerToken.existingSecret }}
{{- end -}}
{{- define "tickwork.redisSecret" -}}
{{ default (include "tickwork.name" (dict "root" . "name" "redis")) .Values.redis.existingSecret }}
{{- end -}}
{{- define "tickwork.workerRedisSecret" -}}
{{ coalesce .Values.redis.workerExistingSecret .Values.redis.existingSecret (include "tickwork.name" (dict "root" . "name" "worker-redis")) }}
{{- end -}}
{{- define "tickwork.rabbitmqSecret" -}}
{{ default (include "tickwork.name" (dict "root" . "name" "rabbitmq")) .Values.rabbitmq.existingSecret }}
{{- end -}}
{{- define "tickwork.workerRabbitmqSecret" -}}
{{ default (include "tickwork.name" (dict "root" . "name" "worker-rabbitmq")) .Values.rabbitmq.workerExistingSecret }}
{{- end -}}
