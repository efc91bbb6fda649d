#!/usr/bin/env bash
# Lists what was applied of a platform and is rendered no more, one object a line, as kubectl names it. It deletes nothing:
#
#   bash gone.sh charts-out/office office
#
# Read it, then delete an object with `kubectl delete --namespace NAMESPACE KIND NAME`. A namespace goes with all volumes in it.
# Secrets are not in it: they stand in no manifest.
set -euo pipefail

usage='usage: bash gone.sh FOLDER PLATFORM'
folder=${1:?$usage}
platform=${2:?$usage}
columns='KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name'
# Who applied it: objects that controllers make, such as the volumes of a StatefulSet, were applied by nobody.
applied='APPLIED:.metadata.managedFields[?(@.manager=="bouture")].operation'

kinds=$(kubectl api-resources --verbs=list,delete --output name | grep --invert-match --extended-regexp '^(secrets|events)(\.|$)|^externalsecrets\.' | paste --serial --delimiters=,)

comm -23 \
  <(kubectl get "$kinds" --all-namespaces --selector "app.kubernetes.io/part-of=$platform" --show-managed-fields \
    --no-headers --output "custom-columns=$columns,$applied" | awk '$4 ~ /Apply/ { print $1, $2, $3 }' | sort --unique) \
  <(for layer in "$folder"/[0-9][0-9]-*/; do
    kubectl get --filename "$layer" --ignore-not-found --no-headers --output "custom-columns=$columns"
  done | awk '{ print $1, $2, $3 }' | sort --unique)
