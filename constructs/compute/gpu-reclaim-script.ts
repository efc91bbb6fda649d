import { KUBECTL_ACCOUNT } from '../platform/kubectl-account';
/** Annotation of a namespace whose GPU services nobody takes: an administrator sets it to `never`; people may not change namespaces. */
export const RECLAIM_ANNOTATION = 'bouture.dev/gpu-reclaim';

/** Files of the ConfigMap. */
export const RECLAIM_FILES = { script: 'reclaim.sh', decide: 'decide.jq' } as const;

/**
 * Who holds a GPU that does nothing, and what is done about it. Reads
 * - `$pods`, `$namespaces`: lists of the API server;
 * - `$idle`, `$nearly`: answers of Prometheus, the Pods whose cards did nothing for the whole time, and for all of it but the last part,
 *   in which people are warned;
 * - `$now`: seconds since 1970;
 * - `$settings`: `resources`, `prefixes`, `idle`, `maximum` and `warn` in minutes, 0 for no such bound, and `others`.
 *
 * Writes one line for each holder with its Pods: verdict (`warn`, `suspend`, `delete`), namespace, kind and name of what keeps the Pods,
 * name and uid of one of them, and why. All Pods of a holder must agree: a Deployment of which one Pod computes is left alone.
 */
const DECIDE = String.raw`
def seconds: sub("\\.[0-9]+Z$"; "Z") | fromdateiso8601;
def hours: (. / 6 | round / 10) | if . == 1 then "1 hour" else "\(.) hours" end;
def names: [.data.result[]?.metric | "\(.exported_namespace // .namespace)/\(.exported_pod // .pod)"];
def asks: [.spec.containers[], .spec.initContainers[]? | .resources.limits // {} | to_entries[]
  | select(.key | IN($settings.resources[])) | select((.value | tostring) != "0")] | length > 0;
# A ReplicaSet is named after its Deployment and the hash that its Pods carry in a label.
def holder: (.metadata.labels["pod-template-hash"] // "") as $hash
  | ([.metadata.ownerReferences[]? | select(.controller)] | first // null) as $owner
  | if $owner.kind == "StatefulSet" then {kind: "StatefulSet", name: $owner.name}
    elif $owner.kind == "ReplicaSet" and $hash != "" and ($owner.name | endswith("-" + $hash))
    then {kind: "Deployment", name: ($owner.name | .[: length - ($hash | length) - 1])}
    else {kind: "Pod", name: .metadata.name} end;
([$namespaces.items[] | select(.metadata.annotations["bouture.dev/gpu-reclaim"] == "never") | .metadata.name]) as $spared
| ($idle | names) as $idleNames | ($nearly | names) as $nearlyNames
| [$pods.items[]
    | select(.status.startTime != null and .metadata.deletionTimestamp == null)
    | .metadata.namespace as $namespace
    | select(any($settings.prefixes[]; . as $prefix | $namespace | startswith($prefix)))
    | select(($spared | index($namespace)) == null) | select(asks)
    | "\($namespace)/\(.metadata.name)" as $id
    | (($now - (.status.startTime | seconds)) / 60) as $age
    | {namespace: $namespace, holder: holder, pod: .metadata.name, uid: .metadata.uid, age: $age,
       idle: ($settings.idle > 0 and $age >= $settings.idle and ($idleNames | index($id)) != null),
       nearly: ($settings.idle > 0 and $age >= $settings.idle - $settings.warn and ($nearlyNames | index($id)) != null)}]
| group_by([.namespace, .holder.kind, .holder.name])[]
| .[0] as $one | (map(.age) | min) as $age
| (if $settings.maximum > 0 and $one.holder.kind != "Pod" then $settings.maximum else 0 end) as $maximum
| (if all(.[]; .idle) then ["take", "Its GPUs have computed nothing for \($settings.idle | hours)"]
   elif $maximum > 0 and $age >= $maximum then ["take", "It has held GPUs for \($maximum | hours), the longest that one may"]
   elif all(.[]; .nearly) then ["warn", "Its GPUs have computed nothing for \($settings.idle - $settings.warn | hours)"]
   elif $maximum > 0 and $age >= $maximum - $settings.warn
   then ["warn", "It has held GPUs for \($maximum - $settings.warn | hours), and one may for \($maximum | hours)"]
   else empty end) as [$verdict, $why]
| (if $verdict == "warn" then "warn" elif $one.holder.kind != "Pod" then "suspend" else "delete" end) as $verdict
| select($one.holder.kind != "Pod" or $settings.others == "delete")
| [$verdict, $one.namespace, $one.holder.kind, $one.holder.name, $one.pod, $one.uid, $why] | @tsv
`;

/**
 * Takes GPUs back that nobody uses. Reads `$SPEC` (the folder with these files), `$STATE` (a folder that it may write to), `$SETTINGS` (as
 * {@link DECIDE} has them, JSON), `$PROMETHEUS` (its address, empty for none), and `$IDLE_QUERY`, `$NEARLY_QUERY`.
 *
 * Where Prometheus does not answer, nobody is idle: the bound on the time that one may hold a card still counts. Exit code 1 tells that
 * something could not be asked or done; the rest was.
 */
const SCRIPT = String.raw`#!/bin/bash
set -uo pipefail

${KUBECTL_ACCOUNT}
failed=0
kube() { kubectl --request-timeout=30s "$@"; }

ask() { # QUERY FILE
  local answer="$STATE/answer.json"
  printf '{"data":{"result":[]}}' >"$2"
  [ -n "$PROMETHEUS" ] || return 0
  if curl --fail --silent --show-error --max-time 30 --get --data-urlencode "query=$1" "$PROMETHEUS/api/v1/query" >"$answer" &&
    jq --exit-status '.status == "success"' "$answer" >/dev/null; then
    mv "$answer" "$2"
  else
    printf 'Prometheus at %s does not tell what the GPUs do: nobody is taken for idle\n' "$PROMETHEUS" >&2
    failed=1
  fi
}

tell() { # NAMESPACE POD UID TYPE REASON TEXT
  local now
  now=$(date --utc +%Y-%m-%dT%H:%M:%SZ)
  jq --null-input --arg namespace "$1" --arg pod "$2" --arg uid "$3" --arg type "$4" --arg reason "$5" --arg text "$6" --arg now "$now" \
    '{apiVersion: "v1", kind: "Event", metadata: {generateName: "gpu-reclaim-", namespace: $namespace},
      involvedObject: {apiVersion: "v1", kind: "Pod", namespace: $namespace, name: $pod, uid: $uid},
      type: $type, reason: $reason, message: $text, source: {component: "bouture-gpu-reclaim"},
      firstTimestamp: $now, lastTimestamp: $now, count: 1}' | kube create --filename - >/dev/null
}

kube get pods --all-namespaces --field-selector status.phase=Running --output json >"$STATE/pods.json" || exit 1
kube get namespaces --output json >"$STATE/namespaces.json" || exit 1
ask "$IDLE_QUERY" "$STATE/idle.json"
ask "$NEARLY_QUERY" "$STATE/nearly.json"
jq --null-input --raw-output --slurpfile podList "$STATE/pods.json" --slurpfile namespaceList "$STATE/namespaces.json" \
  --slurpfile idleList "$STATE/idle.json" --slurpfile nearlyList "$STATE/nearly.json" --argjson settings "$SETTINGS" \
  --argjson now "$(date +%s)" "\$podList[0] as \$pods | \$namespaceList[0] as \$namespaces | \$idleList[0] as \$idle | \$nearlyList[0] as \$nearly | $(cat "$SPEC/decide.jq")" \
  >"$STATE/verdicts" || exit 1

while IFS=$'\t' read -r verdict namespace kind name pod uid why; do
  printf '%s %s %s/%s: %s\n' "$verdict" "$kind" "$namespace" "$name" "$why"
  case "$verdict" in
    warn)
      tell "$namespace" "$pod" "$uid" Warning GpuIdle "$why. It is paused soon, with its volume kept, unless it computes." || failed=1
      ;;
    suspend)
      tell "$namespace" "$pod" "$uid" Warning GpuReclaimed "$why. It was paused, and its volume is kept: pause and resume it to go on." || failed=1
      kube patch "${'$'}{kind,,}" "$name" --namespace "$namespace" --subresource scale --type merge --patch '{"spec":{"replicas":0}}' >/dev/null || failed=1
      ;;
    delete)
      tell "$namespace" "$pod" "$uid" Warning GpuReclaimed "$why. It was deleted." || failed=1
      kube delete pod "$name" --namespace "$namespace" --wait=false >/dev/null || failed=1
      ;;
  esac
done <"$STATE/verdicts"
exit "$failed"
`;

/** The texts of the files, by name. */
export const RECLAIM_SOURCES: Readonly<Record<string, string>> = {
  [RECLAIM_FILES.script]: SCRIPT,
  [RECLAIM_FILES.decide]: DECIDE.trimStart(),
};
