{{/* One rule of egress: to these peers, else everywhere, on these TCP ports, else all. */}}
{{- define "tickwork.egressTo" -}}
- ports:
    {{- range .ports }}
    - {protocol: TCP, port: {{ . }}}
    {{- else }}
    - {protocol: TCP}
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* What each component may reach: names, Redis, RabbitMQ and, if there is one, the collector. */}}
{{- define "tickwork.commonEgress" -}}
{{- $policy := .Values.networkPolicy -}}
- ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
  {{- with $policy.dns.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{ include "tickwork.egressTo" $policy.redis }}
{{ include "tickwork.egressTo" $policy.rabbitmq }}
{{- if .Values.telemetry.otlpEndpoint }}
{{ include "tickwork.egressTo" $policy.otlp }}
{{- end }}
{{- end -}}

{{/* Who may scrape. The node itself, and so its probes, always may. */}}
{{- define "tickwork.adminIngress" -}}
- ports:
    - {protocol: TCP, port: admin}
  from:
    {{- if .Values.networkPolicy.metrics.from }}
    {{- toYaml .Values.networkPolicy.metrics.from | nindent 4 }}
    {{- else }}
    - namespaceSelector: {}
    {{- end }}
{{- end -}}
