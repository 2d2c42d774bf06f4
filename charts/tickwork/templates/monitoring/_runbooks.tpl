{{/* A file whose links to runbooks lead to where they can be read. */}}
{{- define "tickwork.withRunbooks" -}}
{{- with .root.Values.monitoring.runbooksUrl }}
{{- $.text | replace "observability/runbooks/" (printf "%s/" (trimSuffix "/" .)) }}
{{- else }}
{{- .text }}
{{- end }}
{{- end }}
