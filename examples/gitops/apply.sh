#!/usr/bin/env bash
# Applies a folder of rendered manifests with kubectl, layer by layer, and waits until each is ready:
#
#   bash apply.sh charts-out/office [SECRETS]
#
# SECRETS is a file of Secrets in clear, or - for the standard input:
#
#   sops decrypt charts-out/office/secrets.enc.yaml | bash apply.sh charts-out/office -
#
# A second run changes nothing. WAIT is how long a workload may take, 600s unless it says otherwise.
set -euo pipefail

folder=${1:?"usage: bash apply.sh FOLDER [SECRETS]"}
secrets=${2:-}
wait=${WAIT:-600s}

# The name that bouture up applies by: who goes from one to the other leaves no field behind that nobody owns.
apply() {
  kubectl apply --server-side --field-manager=bouture "$@"
}

columns='KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name,LATER:.metadata.annotations.bouture\.dev/ready-later'

ready() {
  kubectl get --filename "$1" --no-headers --output "custom-columns=$columns" |
    while read -r kind namespace name later; do
      case $kind in
        CustomResourceDefinition)
          kubectl wait "crd/$name" --for=condition=Established --timeout="$wait"
          ;;
        Job)
          kubectl --namespace "$namespace" wait "job/$name" --for=condition=Complete --timeout="$wait"
          ;;
        Deployment | StatefulSet | DaemonSet)
          # What waits for its first model, or for people, is not waited for.
          if [ "$later" = '<none>' ]; then
            kubectl --namespace "$namespace" rollout status "$kind/$name" --timeout="$wait"
          fi
          ;;
      esac </dev/null
    done
}

[ -d "$folder" ] || { echo "$folder is no folder: give that of one platform, such as charts-out/office" >&2; exit 2; }
for layer in "$folder"/[0-9][0-9]-*/; do
  case $layer in
    */10-namespaces/)
      # Files hold objects of each other's namespaces: those come first. They are what states how strict their Pods must be.
      apply --filename "$layer" --selector pod-security.kubernetes.io/enforce
      if [ -n "$secrets" ]; then apply --filename "$secrets"; fi
      ;;
  esac
  apply --filename "$layer"
  ready "$layer"
done
