"""Which tokens does a provider's own format give away, wherever they stand?

One row per format: the kind (it appears in the tag), the literals one of which every such token
contains, and the pattern of the whole token. Rows come from the providers' public documentation of
their token formats. Lengths are lower bounds on purpose: a token that was cut off is still most of
a secret. A new provider is one more row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WORD = r"[A-Za-z0-9_-]"


@dataclass(frozen=True)
class Format:
    """A token format. `back` is how many characters may stand before the literal inside the token."""

    kind: str
    literals: tuple[str, ...]
    pattern: str
    back: int = 0
    loose: bool = False
    """True where the literal is so common that the token must start at a word boundary."""


def row(kind: str, literals: str, pattern: str, *, back: int = 0, loose: bool = False) -> Format:
    """Build a row; `literals` are separated by blanks."""
    return Format(kind, tuple(literals.split()), pattern, back, loose)


CLOUD = (
    row("aws-access-key", "AKIA ASIA ABIA ACCA A3T", r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}", loose=True),
    row("aws-session-token", "FwoGZXIvYXdz IQoJb3JpZ2lu FQoGZXIvYXdz", r"(?:FwoG|IQoJ|FQoG)[A-Za-z0-9+/=%_-]{60,}"),
    row(
        "aws-bedrock-key",
        "ABSK bedrock-api-key-",
        r"(?:ABSK[A-Za-z0-9+/]{80,}={0,2}|bedrock-api-key-[A-Za-z0-9+/=_-]{20,})",
    ),
    row("gcp-api-key", "AIza", r"AIza[\w-]{35}", loose=True),
    row("gcp-oauth", "ya29. GOCSPX-", r"(?:ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,})"),
    row("gcp-refresh-token", "1//0", r"1//0[\w-]{30,}", loose=True),
    row("azure-client-secret", "Q~", r"(?<![\w.~-])[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}", back=4),
    row("alibaba-key", "LTAI", r"LTAI[A-Za-z0-9]{16,}", loose=True),
    row("digitalocean-token", "doo_v1_ dop_v1_ dor_v1_", r"do[opr]_v1_[a-fA-F0-9]{40,}"),
    row(
        "yandex-token",
        "t1. AQVN YCA YCN YCO YCP YCU",
        r"(?:t1\.[A-Za-z0-9_-]+={0,2}\.[A-Za-z0-9_-]{86}={0,2}|AQVN[\w-]{35,38}|YC[A-Za-z0-9_-]{38})",
        loose=True,
    ),
    row("heroku-key", "HRKU-", r"HRKU-[\w-]{36,}"),
    row(
        "flyio-token",
        "fo1_ fm1a_ fm1r_ fm2_",
        r"(?:fo1_[\w-]{40,}|fm1[ar]_[A-Za-z0-9+/]{60,}={0,3}|fm2_[A-Za-z0-9+/]{60,}={0,3})",
        loose=True,
    ),
    row("scalingo-token", "tk-us- tk-eu-", r"tk-(?:us|eu)-[\w-]{40,}", loose=True),
    row("cloudflare-origin-ca-key", "v1.0-", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{100,}", loose=True),
    row("tailscale-key", "tskey-", r"tskey-[a-z]+-[A-Za-z0-9-]{10,}"),
    row("netlify-token", "nfp_ nfc_ nfo_ nfb_ nfu_", r"nf[pcobu]_[A-Za-z0-9]{36}", loose=True),
    row("supabase-key", "sbp_ sb_secret_", r"(?:sbp_[a-f0-9]{40}|sb_secret_[\w-]{20,})", loose=True),
    row("oracle-token", "ocid1.credential", r"ocid1\.credential\.[\w.-]{20,}"),
    row("vercel-token", "vcp_ vci_ vca_ vcr_ vck_", r"vc[picark]_[A-Za-z0-9]{24,}", loose=True),
    row("cloudflare-token", "cfut_ cfat_ cfk_", r"cf(?:ut|at|k)_[A-Za-z0-9]{40,}", loose=True),
    row("amazon-mws-token", "amzn.mws.", r"amzn\.mws\.[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"),
    row("amazon-client-secret", "amzn1.oa2-cs.v1.", r"amzn1\.oa2-cs\.v1\.[a-f0-9]{64}"),
    row("tencent-key", "AKID", r"AKID[A-Za-z0-9]{32}(?![A-Za-z0-9])", loose=True),
    row("neon-key", "napi_", r"napi_[a-z0-9]{40,}", loose=True),
    row("deno-token", "ddp_ ddw_ ddo_", r"dd[pwo]_[A-Za-z0-9]{36}", loose=True),
    row("atlas-secret", "mdb_sa_sk_", r"mdb_sa_sk_[\w-]{30,}", loose=True),
)

CODE = (
    row("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{20,255}"),
    row("github-token", "github_pat_", r"github_pat_\w{30,255}"),
    row(
        "gitlab-token",
        "glpat- gldt- glft- glsoat- glrt- glrtr- glptt- gloas- glcbt- glimt- glffct- glagent- glwt-",
        r"gl(?:pat|dt|ft|soat|rtr?|ptt|oas|cbt|imt|ffct|agent|wt)-[\w-]{16,}(?:\.[0-9a-z]{2}\.?[0-9a-z]{7})?",
    ),
    row("gitlab-token", "GR1348941", r"GR1348941[\w-]{20}"),
    row("gitlab-session", "_gitlab_session=", r"_gitlab_session=[0-9a-z]{20,}"),
    row("bitbucket-token", "ATBB BBDC-", r"(?:ATBB[A-Za-z0-9]{24,}|BBDC-[A-Za-z0-9+/=]{40,})", loose=True),
    row("atlassian-token", "ATATT3 ATCTT3 ATTA", r"(?:AT[AC]TT3[A-Za-z0-9_=-]{40,}|ATTA[a-f0-9]{60,})", loose=True),
    row("npm-token", "npm_", r"npm_[A-Za-z0-9]{30,}", loose=True),
    row("pypi-token", "pypi-", r"pypi-[\w-]{40,}", loose=True),
    row("rubygems-token", "rubygems_", r"rubygems_[a-f0-9]{32,}"),
    row("clojars-token", "CLOJARS_ clojars_", r"(?:CLOJARS|clojars)_[A-Za-z0-9]{40,}"),
    row("nuget-key", "oy2", r"oy2[a-z0-9]{43}", loose=True),
    row("dropbox-token", "sl.", r"sl\.(?:u\.)?[\w=-]{100,}", loose=True),
    row("crates-token", "cio", r"cio[A-Za-z0-9]{32}", loose=True),
    row("docker-token", "dckr_pat_ dckr_oat_", r"dckr_[po]at_[\w-]{20,}"),
    row("artifactory-key", "AKCp cmVmd", r"(?:AKCp[A-Za-z0-9]{69}|cmVmd[A-Za-z0-9]{59})(?![A-Za-z0-9])", loose=True),
    row("sonar-token", "sqp_ squ_ sqa_", r"sq[pua]_[a-f0-9]{32,}", loose=True),
    row("sourcegraph-token", "sgp_ slk_", r"(?:sgp_(?:(?:[a-fA-F0-9]{16}|local)_)?|slk_)[a-fA-F0-9]{40,}", loose=True),
    row("buildkite-token", "bkua_ bkaj_ bkct_", r"bk(?:ua|aj|ct)_[A-Za-z0-9]{20,}", loose=True),
    row("circleci-token", "CCIPAT_ CCIPRJ_", r"CCIP(?:AT|RJ)_[A-Za-z0-9]{22}_[a-f0-9]{40}"),
    row("codecov-token", "codecov_", r"codecov_[A-Za-z0-9]{32,}"),
    row("snyk-token", "snyk_", r"snyk_[a-z]{3}\.[a-f0-9]{8}\.[\w-]{20,}", loose=True),
    row("pulumi-token", "pul-", r"pul-[a-f0-9]{40}", loose=True),
    row("terraform-token", ".atlasv1.", r"(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{40,}", back=14),
    row("octopus-key", "API-", r"API-[A-Z0-9]{26}(?![A-Z0-9])", loose=True),
    row("infracost-key", "ico-", r"ico-[A-Za-z0-9]{32}(?![A-Za-z0-9.])", loose=True),
    row(
        "doppler-token",
        "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.",
        r"dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{20,}",
        loose=True,
    ),
    row("prefect-key", "pnu_ pnb_", r"pn[ub]_[A-Za-z0-9]{36}", loose=True),
    row("harness-key", "pat. sat.", r"(?:pat|sat)\.[\w-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}", loose=True),
    row("postman-key", "PMAK-", r"PMAK-[a-fA-F0-9]{24}-[a-fA-F0-9]{34}"),
    row("readme-key", "rdme_", r"rdme_[a-z0-9]{40,}"),
    row("figma-token", "figd_", r"figd_[\w-]{30,}"),
    row("linear-key", "lin_api_ lin_oauth_ lin_wh_", r"lin_(?:api|oauth|wh)_[A-Za-z0-9]{30,}"),
    row("notion-token", "ntn_ secret_", r"(?:ntn_[0-9]{11}[A-Za-z0-9]{30,}|secret_[A-Za-z0-9]{43})", loose=True),
    row("openshift-token", "sha256~", r"sha256~[\w-]{43}", loose=True),
    row("hubspot-token", "pat-na pat-eu", r"pat-(?:na|eu)\d-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", loose=True),
    row("settlemint-token", "sm_pat_ sm_aat_ sm_sat_", r"sm_[pas]at_[A-Za-z0-9]{16,}", loose=True),
)

PLATFORM = (
    row("vault-token", "hvs. hvb. hvr.", r"hv[sbr]\.[\w-]{20,}", loose=True),
    row("vault-token", "s.", r"s\.(?=[A-Za-z]*[0-9])(?=[A-Z0-9]*[a-z])[A-Za-z0-9]{24}(?![A-Za-z0-9.])", loose=True),
    row(
        "grafana-token",
        "glsa_ glc_",
        r"(?:glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|glc_[A-Za-z0-9+/]{32,}={0,3})",
        loose=True,
    ),
    row("grafana-token", "eyJrIjoi", r"eyJrIjoi[A-Za-z0-9+/_-]{60,}={0,3}", loose=True),
    row("databricks-token", "dapi", r"dapi[a-f0-9]{32}(?:-\d)?", loose=True),
    row("dynatrace-token", "dt0c01. dt0s01. dt0s02. dt0s16.", r"dt0[cs]\d\d\.[A-Za-z0-9]{8,24}\.[A-Za-z0-9]{40,}"),
    row(
        "newrelic-key", "NRAK- NRII- NRJS- NRAA- NRIQ- NRRA-", r"NR(?:AK|II|JS|AA|IQ|RA)-[A-Za-z0-9-]{19,}", loose=True
    ),
    row("sentry-token", "sntrys_ sntryu_ sntrya_", r"sntry[sua]_[A-Za-z0-9+/=_-]{40,}"),
    row("pagerduty-key", "u+", r"u\+[A-Za-z0-9_-]{18}(?![\w-])", loose=True),
    row(
        "launchdarkly-key",
        "api- sdk- mob-",
        r"(?:api|sdk|mob)-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
        loose=True,
    ),
    row("clickhouse-key", "4b1d", r"4b1d[A-Za-z0-9]{38}(?![A-Za-z0-9])", loose=True),
    row("planetscale-token", "pscale_", r"pscale_(?:tkn|pw|oauth)_[\w=.-]{32,}"),
    row("maxmind-key", "_mmk", r"(?<![A-Za-z0-9])[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk", back=36),
    row("defined-networking-token", "dnkey-", r"dnkey-[A-Za-z0-9=_-]{26}-[A-Za-z0-9=_-]{40,}"),
    row(
        "authress-key",
        ".acc_ .acc-",
        r"(?<![A-Za-z0-9])(?:sc|ext|scauth|authress)_[A-Za-z0-9]{5,30}\.[A-Za-z0-9]{4,6}\.acc[_-][A-Za-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,}",
        back=48,
    ),
    row("zuplo-key", "zpka_", r"zpka_[A-Za-z0-9]{32}_[A-Za-z0-9]{8}"),
    row("age-key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{50,}"),
    row(
        "1password-key",
        "A3- ops_eyJ",
        r"(?:A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}|ops_eyJ[A-Za-z0-9+/_-]{60,}={0,3})",
        loose=True,
    ),
    row("typeform-token", "tfp_", r"tfp_[\w.=-]{40,}", loose=True),
    row("airtable-token", "pat", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}", loose=True),
    row("rootly-token", "rootly_", r"rootly_[a-f0-9]{40,}"),
    row("temporal-key", "tmprl_", r"tmprl_[\w-]{20,}"),
    row("adobe-secret", "p8e-", r"p8e-[A-Za-z0-9]{32}", loose=True),
    row("contentful-token", "CFPAT-", r"CFPAT-[\w-]{43}"),
    row("intra42-secret", "s-s4t2ud- s-s4t2af-", r"s-s4t2(?:ud|af)-[a-fA-F0-9]{64}"),
    row("wakatime-key", "waka_", r"waka_[a-f0-9-]{36}"),
    row("frameio-token", "fio-u-", r"fio-u-[\w=-]{50,}"),
    row("freemius-key", "sk_", r"(?<=[\"'])sk_[^\s\"']{29}(?=[\"'])", loose=True),
    row("posthog-key", "phc_ phx_ phs_", r"ph[cxs]_[A-Za-z0-9]{32,}", loose=True),
    row("honeycomb-key", "hcaik_ hcalk_ hcbik_ hcblk_ hcxik_ hcxlk_", r"hc[abx][il]k_[a-z0-9]{50,}", loose=True),
    row("axiom-token", "xaat- xapt- xait-", r"xa(?:at|pt|it)-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", loose=True),
    row("elastic-key", "essu_", r"essu_[A-Za-z0-9+/=_-]{40,}", loose=True),
    row("coralogix-key", "cxtp_ cxup_", r"cx[tu]p_[A-Za-z0-9]{28,}", loose=True),
    row(
        "unleash-token",
        ":development. :production. :staging.",
        r"(?<![\w*-])[\w*-]{1,48}:(?:development|production|staging)\.[0-9a-f]{50,}",
        back=48,
    ),
    row("statsig-secret", "secret-", r"secret-[A-Za-z0-9]{40,}(?![A-Za-z0-9])", loose=True),
    row("configcat-key", "configcat-sdk-1/", r"configcat-sdk-1/[\w-]{22}/[\w-]{22}"),
    row("nats-seed", "SUA SAA SOA SNA SCA", r"S[UAONC]A[A-Z2-7]{55}(?![A-Z0-9])", loose=True),
    row("kubernetes-token", "bootstrap-token-", r"bootstrap-token-[a-z0-9]{6}\.[a-z0-9]{16}"),
)

MODELS = (
    row("anthropic-key", "sk-ant-", r"sk-ant-[a-z0-9]+-[\w-]{20,}"),
    row(
        "openai-key",
        "sk-proj- sk-svcacct- sk-admin- T3BlbkFJ",
        r"sk-[\w-]{0,100}?T3BlbkFJ[\w-]{16,}|sk-(?:proj|svcacct|admin)-[\w-]{20,}",
        back=100,
    ),
    row("openai-key", "sk-", r"sk-[A-Za-z0-9]{32,}", loose=True),
    row("huggingface-token", "hf_ api_org_", r"(?:hf_|api_org_)[A-Za-z0-9]{30,}", loose=True),
    row("groq-key", "gsk_", r"gsk_[A-Za-z0-9]{40,}", loose=True),
    row("xai-key", "xai-", r"xai-[A-Za-z0-9]{60,}", loose=True),
    row("replicate-token", "r8_", r"r8_[A-Za-z0-9]{37}", loose=True),
    row("perplexity-key", "pplx-", r"pplx-[A-Za-z0-9]{40,}", loose=True),
    row("pinecone-key", "pcsk_", r"pcsk_[\w]{40,}", loose=True),
    row("runpod-key", "rpa_", r"rpa_[A-Z0-9]{40,}", loose=True),
    row("nvidia-key", "nvapi-", r"nvapi-[\w-]{50,}", loose=True),
    row("openrouter-key", "sk-or-v1-", r"sk-or-v1-[a-f0-9]{40,}", loose=True),
    row("openai-session", "sess-", r"sess-[A-Za-z0-9]{40}(?![A-Za-z0-9])", loose=True),
    row(
        "langsmith-key",
        "lsv2_pt_ lsv2_sk_ ls__",
        r"(?:lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}|ls__[a-f0-9]{32})",
        loose=True,
    ),
    row("langfuse-key", "sk-lf-", r"sk-lf-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", loose=True),
    row("wandb-key", "wandb_v1_", r"wandb_v1_\w{40,}"),
    row("tavily-key", "tvly-", r"tvly-(?:dev-|prod-)?[A-Za-z0-9]{30,}", loose=True),
    row("firecrawl-key", "fc-", r"fc-[a-f0-9]{32}(?![\w-])", loose=True),
    row("cerebras-key", "csk-", r"csk-[a-z0-9]{40,}", loose=True),
    row("jina-key", "jina_", r"jina_[A-Za-z0-9_-]{50,}", loose=True),
    row("e2b-key", "e2b_", r"e2b_[a-f0-9]{40}", loose=True),
    row("elevenlabs-key", "sk_", r"sk_[a-f0-9]{48}(?![A-Za-z0-9])", loose=True),
)

MESSAGING = (
    row("slack-token", "xoxb- xoxp- xoxa- xoxs- xoxr- xoxo- xoxc- xoxd-", r"xox[a-z]-(?=[\w%-]*\d)[\w%-]{10,}"),
    row("slack-token", "xoxe. xoxe-", r"xoxe(?:\.xox[a-z])?-\d-[A-Za-z0-9]{40,}"),
    row("slack-token", "xapp- xwfp-", r"(?:xapp|xwfp)-[\w-]{20,}", loose=True),
    row("slack-webhook", "hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/_-]{20,}"),
    row("teams-webhook", ".webhook.office.com/", r"\.webhook\.office\.com/webhookb2/[\w@-]{20,}/\w+/[\w/-]{20,}"),
    row("teams-webhook", "outlook.office.com/webhook/", r"outlook\.office\.com/webhook/[\w@-]{20,}/\w+/[\w/-]{20,}"),
    row(
        "pagerduty-integration", "events.pagerduty.com/integration/", r"events\.pagerduty\.com/integration/[a-f0-9]{32}"
    ),
    row("zapier-webhook", "hooks.zapier.com/hooks/catch/", r"hooks\.zapier\.com/hooks/catch/\d+/\w{5,}"),
    row("ifttt-key", "maker.ifttt.com/trigger/", r"maker\.ifttt\.com/trigger/\w+/(?:with|json/with)/key/[\w-]{20,}"),
    row("firebase-key", ":APA91b", r"(?<![\w-])[\w-]{11,22}:APA91b[\w-]{100,}", back=22),
    row("resend-key", "re_", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}(?![A-Za-z0-9])", loose=True),
    row("mandrill-key", "md-", r"md-[A-Za-z0-9_-]{22}(?![\w-])", loose=True),
    row(
        "discord-token",
        "MD MT Mj Mz ND NT Nj Nz OD OT Oj Oz",
        r"[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,38}(?![\w-])",
        loose=True,
    ),
    row("discord-webhook", "/api/webhooks/", r"/api/webhooks/\d{10,}/[\w-]{40,}"),
    row("telegram-token", ":A", r"(?<![0-9])\d{5,16}:A[\w-]{34}(?![\w-])", back=16),
    row("sendgrid-key", "SG.", r"SG\.[\w-]{16,}\.[\w-]{30,}", loose=True),
    row("mailgun-key", "key- pubkey-", r"(?:pub)?key-[a-f0-9]{32}", loose=True),
    row("mailchimp-key", "-us", r"(?<![A-Za-z0-9])[a-f0-9]{32}-us\d{1,2}(?!\w)", back=32),
    row("sendinblue-key", "xkeysib- xsmtpsib-", r"x(?:key|smtp)sib-[a-f0-9]{40,}-[A-Za-z0-9]{12,}"),
    row("twilio-key", "SK", r"SK[0-9a-fA-F]{32}(?![0-9A-Za-z])", loose=True),
    row("facebook-token", "EAAM EAAC EAAB EAAG EAAA", r"EAA[A-Z][A-Za-z0-9]{60,}", loose=True),
    row("facebook-token", "| %7C", r"(?<!\d)\d{15,16}(?:\||%7C)[\w-]{27,40}(?![\w-])", back=16),
)

COMMERCE = (
    row(
        "stripe-key",
        "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ whsec_",
        r"(?:[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{24,})",
        loose=True,
    ),
    row("square-token", "sq0atp- sq0csp- sq0idp-", r"sq0[a-z]{3}-[\w-]{22,}"),
    row("shopify-token", "shpat_ shpca_ shppa_ shpss_ shptka_", r"shp(?:at|ca|pa|ss|tka)_[a-fA-F0-9]{32}"),
    row("shippo-token", "shippo_live_ shippo_test_", r"shippo_(?:live|test)_[a-fA-F0-9]{32,}"),
    row("easypost-key", "EZAK EZTK", r"EZ[AT]K[A-Za-z0-9]{54}(?![A-Za-z0-9+/])", loose=True),
    row("flutterwave-key", "FLWPUBK FLWSECK", r"FLW(?:PUBK|SECK)(?:_TEST)?-?[a-hA-H0-9]{12,}(?:-X)?"),
    row("duffel-token", "duffel_test_ duffel_live_", r"duffel_(?:test|live)_[\w=-]{30,}"),
    row(
        "plaid-token",
        "access-sandbox- access-development- access-production-",
        r"access-(?:sandbox|development|production)-[0-9a-f-]{36}",
    ),
    row("lob-key", "live_ test_", r"(?:live|test)_(?:pub_)?[a-f0-9]{31,35}(?![A-Za-z0-9])", loose=True),
    row("gocardless-token", "live_", r"live_[A-Za-z0-9_=-]{40}(?![A-Za-z0-9])", loose=True),
    row("paypal-token", "access_token$", r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}"),
    row("mapbox-token", "pk. sk. tk.", r"[pst]k\.[A-Za-z0-9]{50,}\.[\w-]{20,}", loose=True),
)

HASHES = (
    row("password-hash", "$2a$ $2b$ $2y$", r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}"),
    row(
        "password-hash",
        "$6$ $5$ $1$ $apr1$ $y$",
        r"\$(?:6|5|1|apr1|y)\$(?:rounds=\d+\$)?[./A-Za-z0-9]{1,20}\$[./A-Za-z0-9]{22,}",
    ),
    row("password-hash", "$6$rounds= $5$rounds=", r"\$[65]\$rounds=\d+\$[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{22,}"),
    row(
        "password-hash",
        "$argon2id$ $argon2i$ $argon2d$",
        r"\$argon2(?:id|i|d)\$[\w=,$]+\$[A-Za-z0-9+/]{10,}\$[A-Za-z0-9+/]{20,}",
    ),
    row("password-hash", "pbkdf2_sha256$ pbkdf2-sha256$", r"pbkdf2[_-]sha256\$\d+\$[^\s$]{8,}\$[A-Za-z0-9+/=.]{20,}"),
    row("password-hash", "SCRAM-SHA-256$", r"SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+"),
)
"""What passwords are stored as: a weak one is found out from it."""

SHAPES = (
    row("jwt", "ey", r"ey[A-Za-z0-9_-]{10,}\.ey[A-Za-z0-9/\\_-]{10,}(?:\.[A-Za-z0-9/\\_-]*={0,2})?", loose=True),
    row("jwt", "eyJ", r"eyJ[A-Za-z0-9_-]{12,}\.{1,2}[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_.-]{10,}", loose=True),
    row(
        "paseto",
        "v1.local. v2.local. v3.local. v4.local. k1.local. k2.local. k3.local. k4.local.",
        r"[vk][1-4]\.local\.[\w-]{32,}(?:\.[\w-]+)?",
        loose=True,
    ),
    row("jwt", "ZXlK", r"ZXlK[A-Za-z0-9+/_-]{40,}={0,2}", loose=True),
)

FORMATS: tuple[Format, ...] = CLOUD + CODE + PLATFORM + MODELS + MESSAGING + COMMERCE + HASHES + SHAPES

BOUNDARY = re.compile(r"[A-Za-z0-9]")
"""What may not stand directly before a token of a `loose` format."""
