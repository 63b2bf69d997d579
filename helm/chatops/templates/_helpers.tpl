{{- define "chatops.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "chatops.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "chatops.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "chatops.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "chatops.selector" -}}
app.kubernetes.io/name: {{ include "chatops.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "chatops.labels" -}}
{{ include "chatops.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "chatops.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "chatops.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "chatops.imageOf" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .default }}
{{- end -}}
{{- end -}}

{{- define "chatops.image" -}}
{{- include "chatops.imageOf" (dict "image" .Values.image "default" .Chart.AppVersion) -}}
{{- end -}}

{{- define "chatops.secret" -}}
{{- required "secrets.existingSecret: name a Secret with at least the keys of secrets.required, and redis-url or valkey-password (docs/operations.md)" .Values.secrets.existingSecret -}}
{{- end -}}

{{- define "chatops.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "chatops.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* The grace period of a worker: what runs may finish. */}}
{{- define "chatops.workerGrace" -}}
{{- add (ceil (.Values.config.triage_seconds | default 180) | int) .Values.worker.terminationGraceExtraSeconds -}}
{{- end -}}

{{- define "chatops.spread" -}}
{{- range .root.Values.topologySpread.topologyKeys }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "chatops.selector" $.root | nindent 6 }}
      app.kubernetes.io/component: {{ $.component }}
{{- end }}
{{- end -}}

{{/* Ports that are let out, as a JSON list: those of the values, and of every address in the settings. */}}
{{- define "chatops.egressPorts" -}}
{{- $ports := list -}}
{{- range .Values.networkPolicy.egressPorts }}{{ $ports = append $ports (int .) }}{{ end -}}
{{- range regexFindAll "https?://[^\"/]+" (toJson .Values.config) -1 -}}
{{- $port := regexFind ":[0-9]+$" . | trimPrefix ":" | default (ternary "80" "443" (hasPrefix "http:" .)) -}}
{{- $ports = append $ports (int $port) -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}

{{/* The pod of both Deployments: dict root, component, values, grace, token. */}}
{{- define "chatops.pod" -}}
{{- $root := .root -}}
metadata:
  labels:
    {{- include "chatops.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
    {{- with .values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include (print $root.Template.BasePath "/configmap.yaml") $root | sha256sum }}
    {{- with .values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "chatops.serviceAccount" $root }}
  automountServiceAccountToken: {{ .token }}
  # A Service that is called chatops would set CHATOPS_… variables.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .grace }}
  securityContext:
    {{- include "chatops.podSecurity" $root | nindent 4 }}
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if $root.Values.topologySpread.enabled }}
  topologySpreadConstraints:
    {{- include "chatops.spread" . | trim | nindent 4 }}
  {{- end }}
  {{- with .values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  containers:
    - name: {{ .component }}
      image: {{ include "chatops.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [serve, --role, {{ .component }}]
      securityContext:
        {{- include "chatops.containerSecurity" $root | nindent 8 }}
      ports:
        - name: http
          containerPort: 8080
      env:
        {{- include "chatops.env" $root | nindent 8 }}
        {{- with .values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with $root.Values.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      # Importing the SDKs takes seconds, on a throttled node many.
      startupProbe:
        httpGet: {path: /healthz, port: http}
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: {path: /healthz, port: http}
        periodSeconds: 15
        timeoutSeconds: 5
        failureThreshold: 4
      # Not ready while Redis is away: a gateway that cannot store must not acknowledge.
      readinessProbe:
        httpGet: {path: /readyz, port: http}
        periodSeconds: 5
        timeoutSeconds: 4
        failureThreshold: 2
      lifecycle:
        preStop:
          # Until every node has taken the pod out of its service rules, requests still come.
          exec: {command: [sleep, "5"]}
      resources:
        {{- toYaml .values.resources | nindent 8 }}
      volumeMounts:
        - {name: config, mountPath: /etc/chatops, readOnly: true}
        - {name: secrets, mountPath: /run/secrets/chatops, readOnly: true}
        - {name: state, mountPath: /state}
        - {name: tmp, mountPath: /tmp}
        {{- with concat $root.Values.extraVolumeMounts (.values.extraVolumeMounts | default list) }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ include "chatops.fullname" $root }}
    - name: secrets
      projected:
        defaultMode: 0440
        sources:
          {{- include "chatops.secretSources" $root | nindent 10 }}
    - name: state
      emptyDir: {sizeLimit: 1Gi}
    - name: tmp
      emptyDir: {sizeLimit: 256Mi}
    {{- with concat $root.Values.extraVolumes (.values.extraVolumes | default list) }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- define "chatops.env" -}}
- {name: CHATOPS_HOST, value: "0.0.0.0"}
- {name: CHATOPS_PORT, value: "8080"}
- {name: CHATOPS_STATE_DIR, value: /state}
- {name: CHATOPS_CONFIG, value: /etc/chatops/chatops.yaml}
- {name: CHATOPS_SECRETS_DIR, value: /run/secrets/chatops}
- {name: HOME, value: /state}
{{- if .Values.valkey.enabled }}
- name: VALKEY_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "chatops.secret" . }}
      key: {{ .Values.valkey.passwordKey }}
- name: CHATOPS_REDIS__URL
  value: redis://:$(VALKEY_PASSWORD)@{{ include "chatops.fullname" . }}-valkey:6379/0
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "chatops.secretSources" -}}
- secret:
    name: {{ include "chatops.secret" . }}
    items:
      {{- range $setting, $key := .Values.secrets.required }}
      - {key: {{ $key }}, path: chatops_{{ $setting }}}
      {{- end }}
      {{- if not .Values.valkey.enabled }}
      - {key: {{ .Values.secrets.redisUrlKey }}, path: chatops_redis__url}
      {{- end }}
{{- with .Values.secrets.optional }}
- secret:
    name: {{ include "chatops.secret" $ }}
    optional: true
    items:
      {{- range $setting, $key := . }}
      - {key: {{ $key }}, path: chatops_{{ $setting }}}
      {{- end }}
{{- end }}
{{- end -}}
