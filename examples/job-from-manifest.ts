// You will see: a Kubernetes Job, as one would give it to kubectl, run on Container Instances, and its status in the words of
// Kubernetes; then a manifest that asks for more than Container Instances has, and all that it asks for too much.
import { AciClient, jobOptionsFromPod, jobSpecFromPod, PodManifestError, runContainerJob, toPodStatus } from "aci-lifecycle";

const manifest = `
apiVersion: v1
kind: ConfigMap
metadata: { name: greeting }
data: { GREETING: Hello }
---
apiVersion: batch/v1
kind: Job
metadata: { name: greet, namespace: demo }
spec:
  backoffLimit: 2
  activeDeadlineSeconds: 120
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: greet
          image: ${process.env["EXAMPLE_IMAGE"] ?? "busybox:1"}
          command: [/bin/sh, -c]
          args: ['echo "$(GREETING) from $NAMESPACE, with a password of \${#PASSWORD} characters"']
          envFrom: [{ configMapRef: { name: greeting } }]
          env:
            - { name: NAMESPACE, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }
            - { name: PASSWORD, valueFrom: { secretKeyRef: { name: database, key: password } } }
          resources: { requests: { cpu: 250m, memory: 128Mi } }
`;

const client = AciClient.fromEnvironment();
const sources = { secrets: { database: { password: "correct horse" } } };
const spec = jobSpecFromPod(manifest, sources);
const result = await runContainerJob(client, spec, jobOptionsFromPod(manifest));
console.log(result.logs.trim());
const { phase, containerStatuses } = toPodStatus(result);
console.log(`${phase}: ${JSON.stringify(containerStatuses[0]?.state)}`);

try {
  jobSpecFromPod(manifest.replace("restartPolicy: Never", "hostNetwork: true\n      volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]"), sources);
} catch (error) {
  if (!(error instanceof PodManifestError)) throw error;
  for (const { path, text } of error.problems) console.log(`${path}: ${text}`);
}
