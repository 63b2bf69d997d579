"""How requests find their way: the rows of Service, Ingress, Gateway API, NetworkPolicy, DNS and of callers' addresses."""

from __future__ import annotations

from tests.connectors.kubernetes.cluster import Cluster, ended_state
from tests.connectors.kubernetes.cluster import Json as Object
from tests.triage.checklist import NONE, row, since, unready

_ASK = "web cannot be reached"


@row("Service whose selector matches no pod", _ASK, "ServiceSelectorMismatch web")
def _(c: Cluster) -> None:
    c.app("web")
    c.objects["services"][0]["spec"]["selector"] = {"app": "wbe"}


@row("Service with pods that are not ready", _ASK, "ApplicationCrash web")
def _(c: Cluster) -> None:
    c.app("web", ready=False, state=ended_state(1))
    c.log("web", "Traceback (most recent call last):", "KeyError: 'mode'", previous=True)


@row("Service with a warning: no load balancer", _ASK, "CloudQuotaExceeded web")
def _(c: Cluster) -> None:
    c.app("web")
    c.objects["services"][0]["spec"]["type"] = "LoadBalancer"
    c.event("Service", "web", "SyncLoadBalancerFailed", "Error syncing load balancer: failed to ensure load balancer: "
            "TooManyLoadBalancers: Exceeded quota of account")  # fmt: skip


@row("Service without endpoints that elects a leader", "is the cluster well?", NONE)
def _(c: Cluster) -> None:
    c.app("web")
    annotations = {"control-plane.alpha.kubernetes.io/leader": '{"holderIdentity":"a"}'}
    c.add("services", "Service", "leader", metadata={"annotations": annotations}, spec={"ports": [{"port": 80}]})


@row("Service whose target port nobody listens on", _ASK, "ServicePortMismatch web")
def _(c: Cluster) -> None:
    c.app("web")
    c.objects["services"][0]["spec"]["ports"][0]["targetPort"] = 9999


@row("Service whose target port has a name that no container has", _ASK, "ServicePortMismatch web")
def _(c: Cluster) -> None:
    c.app("web")
    c.objects["services"][0]["spec"]["ports"][0]["targetPort"] = "http-web"


@row("Service with the wrong protocol", "names do not resolve through dns-cache", "ServiceProtocolMismatch dns-cache")
def _(c: Cluster) -> None:
    c.app("dns-cache", 5353, container={"ports": [{"containerPort": 5353, "protocol": "UDP"}]})


def _ingress(c: Cluster, *, service: str = "web", port: int = 8080, served: bool = True, **spec: object) -> Object:
    backend = {"service": {"name": service, "port": {"number": port}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    rules = [{"host": "web.example.com", "http": {"paths": [path]}}]
    status = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]} if served else {}}
    return c.add("ingresses", "Ingress", "web", spec={"rules": rules} | spec, status=status)


@row("Ingress without a class", _ASK, "GatewayMisroute web")
def _(c: Cluster) -> None:
    c.app("web")
    c.add("ingressclasses", "IngressClass", "nginx", namespace="", spec={"controller": "k8s.io/ingress-nginx"})
    _ingress(c, served=False)


@row("Ingress whose class does not exist", _ASK, "GatewayMisroute web")
def _(c: Cluster) -> None:
    c.app("web")
    c.add("ingressclasses", "IngressClass", "nginx", namespace="", spec={"controller": "k8s.io/ingress-nginx"})
    _ingress(c, served=False, ingressClassName="ngnix")


@row("Ingress whose backend service does not exist", _ASK, "GatewayMisroute web")
def _(c: Cluster) -> None:
    c.app("web")
    _ingress(c, service="gone", ingressClassName="nginx")


@row("Ingress whose backend has another port", _ASK, "GatewayMisroute web")
def _(c: Cluster) -> None:
    c.app("web")
    _ingress(c, port=81, ingressClassName="nginx")


@row("Ingress whose TLS secret does not exist, by its event", "browsers warn of web's certificate", "MissingSecret web")
def _(c: Cluster) -> None:
    c.app("web")
    _ingress(c, ingressClassName="nginx", tls=[{"hosts": ["web.example.com"], "secretName": "web-tls"}])
    c.event("Ingress", "web", "AddedOrUpdatedWithWarning", "Configuration for shop/web was added or updated with warnings: "
            "TLS secret web-tls is invalid: secret doesn't exist or of an unsupported type")  # fmt: skip


@row(
    "Ingress whose TLS secret does not exist, by its controller's log",
    "browsers warn of web's certificate",
    "MissingSecret web",
)
def _(c: Cluster) -> None:
    c.app("web")
    c.app("ingress-nginx-controller", 443)
    _ingress(c, ingressClassName="nginx", tls=[{"hosts": ["web.example.com"], "secretName": "web-tls"}])
    c.log("ingress-nginx-controller", *['W0504 11:58:12.000000 7 backend_ssl.go:47] Error obtaining X.509 certificate: no '
          'object matching key "shop/web-tls" in local store'] * 3)  # fmt: skip


@row("Ingress with a TLS secret of which nothing is said", "is web well?", NONE)
def _(c: Cluster) -> None:
    c.app("web")
    _ingress(c, ingressClassName="nginx", tls=[{"hosts": ["web.example.com"], "secretName": "web-tls"}])


@row("NetworkPolicy that denies by default and blocks a call", "web cannot call cart", "NetworkPolicyBlocked cart")
def _(c: Cluster) -> None:
    c.app("cart")
    c.app("web", env={"CART_ADDR": "cart:8080"})
    c.add("networkpolicies", "NetworkPolicy", "deny", spec={"podSelector": {}, "policyTypes": ["Ingress"]},
          metadata={"creationTimestamp": since(10)})  # fmt: skip


@row("NetworkPolicy for all pods that lets all through", "is web well?", NONE)
def _(c: Cluster) -> None:
    c.app("cart")
    c.app("web", env={"CART_ADDR": "cart:8080"})
    c.add(
        "networkpolicies", "NetworkPolicy", "all", spec={"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]}
    )


@row("NetworkPolicy that selects no pod", "is web well?", NONE)
def _(c: Cluster) -> None:
    c.app("web")
    c.add("networkpolicies", "NetworkPolicy", "lost", spec={"podSelector": {"matchLabels": {"app": "wbe"}},
          "policyTypes": ["Ingress"]}, metadata={"creationTimestamp": since(10)})  # fmt: skip


@row("NetworkPolicy that was to allow a call and selects no pod", "web cannot call cart", "NetworkPolicyBlocked cart")
def _(c: Cluster) -> None:
    c.app("cart")
    c.app("web", env={"CART_ADDR": "cart:8080"})
    c.add("networkpolicies", "NetworkPolicy", "deny", spec={"podSelector": {}, "policyTypes": ["Ingress"]},
          metadata={"creationTimestamp": since(10)})  # fmt: skip
    peers = [{"podSelector": {"matchLabels": {"app": "web"}}}]
    c.add("networkpolicies", "NetworkPolicy", "allow", spec={"podSelector": {"matchLabels": {"app": "crat"}},
          "policyTypes": ["Ingress"], "ingress": [{"from": peers}]}, metadata={"creationTimestamp": since(10)})  # fmt: skip


def _gateway(c: Cluster, allowed: Object | None = None, **conditions: tuple[str, str, str]) -> None:
    listener: Object = {"name": "http", "port": 80, "protocol": "HTTP"}
    if allowed:
        listener["allowedRoutes"] = {"namespaces": allowed}
    said = [{"type": kind, "status": one[0], "reason": one[1], "message": one[2], "lastTransitionTime": since(8)}
            for kind, one in conditions.items()]  # fmt: skip
    c.add("gateways", "Gateway", "edge", spec={"gatewayClassName": "envoy", "listeners": [listener]},
          status={"conditions": said})  # fmt: skip


_WELL = {"Accepted": ("True", "Accepted", ""), "Programmed": ("True", "Programmed", "")}


@row("GatewayClass that is not accepted: its Gateway waits", _ASK, "GatewayMisroute edge")
def _(c: Cluster) -> None:
    c.app("web")
    _gateway(c, Accepted=("Unknown", "Pending", "Waiting for controller"))


@row("Gateway whose class does not exist", _ASK, "GatewayMisroute edge")
def _(c: Cluster) -> None:
    c.app("web")
    _gateway(
        c,
        Accepted=("Unknown", "Pending", "Waiting for controller"),
        Programmed=("Unknown", "Pending", "Waiting for controller"),
    )


@row("Gateway that is not accepted", _ASK, "GatewayMisroute edge")
def _(c: Cluster) -> None:
    c.app("web")
    _gateway(c, Accepted=("False", "InvalidParameters", "parametersRef names nothing"))


@row("Gateway that is not programmed", _ASK, "GatewayMisroute edge")
def _(c: Cluster) -> None:
    c.app("web")
    _gateway(
        c,
        Accepted=("True", "Accepted", ""),
        Programmed=("False", "AddressNotAssigned", "No addresses have been assigned"),
    )


def _route(c: Cluster, *, backend: str = "web", port: int = 8080, parent: str = "edge", **condition: str) -> None:
    refs = [{"kind": "Gateway", "name": parent}]
    said = [{"lastTransitionTime": since(8), "observedGeneration": 1} | condition] if condition else []
    parents = [
        {"parentRef": refs[0], "controllerName": "gateway.envoyproxy.io/gatewayclass-controller", "conditions": said}
    ]
    rules = [{"backendRefs": [{"name": backend, "port": port}]}]
    c.add("httproutes", "HTTPRoute", "web", spec={"parentRefs": refs, "rules": rules},
          status={"parents": parents if said else []})  # fmt: skip


@row("HTTPRoute whose gateway does not exist", _ASK, "GatewayMisroute web")
def _(c: Cluster) -> None:
    c.app("web")
    _gateway(c, None, **_WELL)
    _route(c, parent="egde")


@row("HTTPRoute from a namespace that the gateway does not allow", _ASK, "GatewayMisroute web")
def _(c: Cluster) -> None:
    c.app("web")
    _gateway(c, {"from": "Selector", "selector": {"matchLabels": {"edge": "yes"}}}, **_WELL)
    _route(
        c,
        type="Accepted",
        status="False",
        reason="NotAllowedByListeners",
        message="No listeners included by this parent ref allowed this attachment.",
    )


@row("HTTPRoute whose hostnames match no listener", _ASK, "GatewayMisroute web")
def _(c: Cluster) -> None:
    c.app("web")
    _gateway(c, None, **_WELL)
    _route(
        c,
        type="Accepted",
        status="False",
        reason="NoMatchingListenerHostname",
        message="There were no hostname intersections",
    )


@row("HTTPRoute whose service does not exist, by the spec", _ASK, "GatewayMisroute web")
def _(c: Cluster) -> None:
    c.app("web")
    _gateway(c, None, **_WELL)
    _route(c, backend="gone")


@row("HTTPRoute whose service does not exist, by its condition", _ASK, "GatewayMisroute web")
def _(c: Cluster) -> None:
    c.app("web")
    _gateway(c, None, **_WELL)
    _route(
        c,
        backend="gone",
        type="ResolvedRefs",
        status="False",
        reason="BackendNotFound",
        message="Service shop/gone not found",
    )


@row("HTTPRoute whose backend has another port", _ASK, "GatewayMisroute web")
def _(c: Cluster) -> None:
    c.app("web")
    _gateway(c, None, **_WELL)
    _route(c, port=81)


@row("Caller with the address of a service that does not exist", "web fails", "IncorrectDependencyAddress web")
def _(c: Cluster) -> None:
    c.app("cart")
    c.app("web", env={"CART_ADDR": "carts:8080"})
    c.log("web", *["dial tcp: lookup carts on 10.96.0.10:53: no such host"] * 3)


@row("Caller with the wrong port of a dependency", "web fails", "IncorrectDependencyAddress web")
def _(c: Cluster) -> None:
    c.app("db", 5432)
    c.app("web", env={"DB_ADDR": "db:5433"})
    c.log("web", *["dial tcp db:5433: connect: connection refused"] * 3)


@row("Caller whose credentials are refused", "web fails", "InvalidCredentials web")
def _(c: Cluster) -> None:
    c.app("db", 5432)
    c.app("web", env={"DB_ADDR": "db:5432"})
    c.log("web", *['FATAL: password authentication failed for user "web"'] * 3)


@row("DNS policy that knows no cluster names", "web fails", "DNSResolutionFailure web")
def _(c: Cluster) -> None:
    c.app("cart")
    c.app("web", env={"CART_ADDR": "cart:8080"}, pod_spec={"dnsPolicy": "Default"})
    c.log("web", *["dial tcp: lookup cart on 169.254.169.253:53: no such host"] * 3)


@row("Service account that may not call the API", "the operator does nothing", "RBACForbidden operator")
def _(c: Cluster) -> None:
    c.app("operator")
    c.log("operator", *['pods is forbidden: User "system:serviceaccount:shop:operator" cannot list resource "pods" in API '
          'group "" in the namespace "shop"'] * 3)  # fmt: skip


def _probe(word: str, part: str, probe: Object, said: str) -> None:
    @row(f"{word} probe with the wrong {part}", "web is not well", f"{word}ProbeIncorrect{part} web")
    def _(c: Cluster) -> None:
        c.app("web", container={f"{word.lower()}Probe": probe})
        unready(c, "web", f"{word} probe failed: {said}")
        if word == "Liveness":
            status = c.pod("web")["status"]["containerStatuses"][0]
            status |= {"restartCount": 4, "lastState": {"terminated": {
                "exitCode": 137, "reason": "Error", "startedAt": since(2), "finishedAt": since(1)}}}  # fmt: skip


for _word in ("Readiness", "Liveness"):
    _probe(_word, "Path", {"httpGet": {"path": "/nope", "port": 8080}}, "HTTP probe failed with statuscode: 404")
    _probe(_word, "Port", {"httpGet": {"path": "/", "port": 9090}},
           'Get "http://10.1.0.7:9090/": dial tcp 10.1.0.7:9090: connect: connection refused')  # fmt: skip
    _probe(_word, "Protocol", {"httpGet": {"path": "/", "port": 8080}},
           'Get "http://10.1.0.7:8080/": net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x00"')  # fmt: skip
    _probe(_word, "Timing", {"httpGet": {"path": "/", "port": 8080}, "timeoutSeconds": 1, "periodSeconds": 1,
           "failureThreshold": 1}, 'Get "http://10.1.0.7:8080/": context deadline exceeded')  # fmt: skip
