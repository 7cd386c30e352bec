"""The same story with Debian's Python client."""
import os
import time

from azure.core.exceptions import ResourceNotFoundError
from azure.identity import ManagedIdentityCredential
from azure.mgmt.containerinstance import ContainerInstanceManagementClient
import websocket

group = os.environ["AZURE_RESOURCE_GROUP"]
client = ContainerInstanceManagementClient(
    ManagedIdentityCredential(),
    os.environ["AZURE_SUBSCRIPTION_ID"],
    base_url=os.environ["AZURE_RESOURCE_MANAGER_ENDPOINT"],
    credential_scopes=["https://management.azure.com/.default"],
)
groups, name = client.container_groups, "python"


def state():
    return groups.get(group, name).instance_view.state


def talk(session):
    socket = websocket.create_connection(session.web_socket_uri, sslopt={"ca_certs": os.environ["REQUESTS_CA_BUNDLE"]})
    socket.send(session.password)
    text = b""
    while True:
        data = socket.recv()
        if not data:
            return text.decode().strip()
        text += data if isinstance(data, bytes) else data.encode()


def written():
    # A container that is running need not have written its first line yet.
    while True:
        text = (client.containers.list_logs(group, name, "main").content or "").strip()
        if text:
            return text
        time.sleep(0.05)


body = {
    "location": "westeurope",
    "properties": {
        "osType": "Linux",
        "restartPolicy": "Never",
        "containers": [{"name": "main", "properties": {"image": "busybox", "command": ["sh", "-c", "echo hello; sleep 600"], "resources": {"requests": {"cpu": 1, "memoryInGB": 1}}}}],
    },
}
from azure.mgmt.containerinstance.models import ContainerGroup

groups.begin_create_or_update(group, name, ContainerGroup.deserialize(body)).result()
print("create:", state())
print("list:", name in [one.name for one in groups.list_by_resource_group(group)])
print("logs:", written())
print("exec:", talk(client.containers.execute_command(group, name, "main", {"command": "echo from-exec", "terminalSize": {"rows": 24, "cols": 80}})))
attach = client.containers.attach(group, name, "main")
socket = websocket.create_connection(attach.web_socket_uri, header=[f"Authorization: {attach.password}"], sslopt={"ca_certs": os.environ["REQUESTS_CA_BUNDLE"]})
print("attach:", "open" if socket.connected else "closed")
socket.close()
groups.stop(group, name)
print("stop:", state())
groups.begin_start(group, name).result()
print("start:", state())
groups.begin_restart(group, name).result()
print("restart:", state())
groups.begin_delete(group, name).result()
try:
    state()
except ResourceNotFoundError as error:
    print("delete:", error.error.code)
