/** The part of a shell script that lets kubectl speak as the account of its Pod. It keeps a file in the folder `STATE`. */
export const KUBECTL_ACCOUNT = String.raw`# With any flag for the connection, kubectl no longer finds the account of its Pod by itself.
account=/var/run/secrets/kubernetes.io/serviceaccount
if [ -z "${'$'}{KUBECONFIG-}" ]; then
  export KUBECONFIG="$STATE/kubeconfig"
  cat >"$KUBECONFIG" <<END
apiVersion: v1
kind: Config
clusters: [{name: own, cluster: {server: "https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT", certificate-authority: $account/ca.crt}}]
users: [{name: own, user: {tokenFile: $account/token}}]
contexts: [{name: own, context: {cluster: own, user: own}}]
current-context: own
END
fi
`;
