"""Which tokens do the services that applications call give away by their format: models, messages, payments, data?

Rows as in `providers`, which has those of what software is built and run on.
"""

from __future__ import annotations

from chatops.policy.redaction.token_format import row

MODELS = (
    row("anthropic-key", "sk-ant-", r"sk-ant-[a-z0-9]+-[\w-]{20,}"),
    row(
        "openai-key",
        "sk-proj- sk-svcacct- sk-admin- T3BlbkFJ",
        r"sk-[\w-]{0,100}?T3BlbkFJ[\w-]{16,}|sk-(?:proj|svcacct|admin)-[\w-]{20,}",
        back=100,
    ),
    row("openai-key", "sk-", r"sk-(?:[A-Za-z0-9]{32,}|(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{40,})", loose=True),
    row("huggingface-token", "hf_ api_org_", r"(?:hf_|api_org_)[A-Za-z0-9]{30,}", loose=True),
    row("fireworks-key", "fw_", r"fw_[A-Za-z0-9]{22,26}(?![A-Za-z0-9_])", loose=True),
    row("together-key", "tgp_v1_", r"tgp_v1_[\w-]{40,}", loose=True),
    row("voyage-key", "pa-", r"pa-[A-Za-z0-9_-]{43}(?![\w-])", loose=True),
    row("helicone-key", "sk-helicone-", r"sk-helicone-[a-z0-9-]{20,}"),
    row("groq-key", "gsk_", r"gsk_[A-Za-z0-9]{40,}", loose=True),
    row("xai-key", "xai-", r"xai-[\w-]{60,}", loose=True),
    row("replicate-token", "r8_", r"r8_[A-Za-z0-9]{37}", loose=True),
    row("perplexity-key", "pplx-", r"pplx-[A-Za-z0-9]{40,}", loose=True),
    row("pinecone-key", "pcsk_", r"pcsk_[\w]{40,}", loose=True),
    row("runpod-key", "rpa_", r"rpa_[A-Z0-9]{40,}", loose=True),
    row("nvidia-key", "nvapi-", r"nvapi-[\w-]{50,}", loose=True),
    row("openrouter-key", "sk-or-v", r"sk-or-v\d+-[\w-]{20,}", loose=True),
    row("openai-session", "sess-", r"sess-[A-Za-z0-9]{40}(?![A-Za-z0-9])", loose=True),
    row(
        "langsmith-key",
        "lsv2_pt_ lsv2_sk_ ls__",
        r"(?:lsv2_(?:pt|sk)_[a-fA-F0-9]{32}_[a-fA-F0-9]{10}|ls__[a-f0-9]{32})",
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
    row(
        "slack-token",
        "xoxb- xoxp- xoxa- xoxs- xoxr- xoxo- xoxc- xoxd-",
        r"xox(?:d-[\w/+%-]{80,}={0,2}|[a-z]-(?=[\w%-]*\d)[\w%-]{10,})",
    ),
    row("slack-token", "xoxe. xoxe-", r"xoxe(?:\.xox[a-z])?(?:-\d+)+-[A-Za-z0-9-]{28,}"),
    row("slack-token", "xapp- xwfp-", r"(?:xapp|xwfp)-(?:\d-[A-Za-z0-9]+-\d+-\w+|[\w-]{20,})", loose=True),
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
    row("sendgrid-key", "SG.", r"SG\.(?:[\w-]{16,}\.[\w-]{30,}|[\w=.-]{66})", loose=True),
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
    row("square-token", "EAAA", r"EAAA[\w-]{22,60}(?![\w+/=-])", loose=True),
    row("adyen-key", "hmfuXNWTK0Qc", r"AQ[A-Za-z0-9]{10,24}hmfuXNWTK0Qc\+i[A-Za-z0-9+/=_-]{40,}", back=26),
    row("apify-token", "apify_api_", r"apify_api_[A-Za-z0-9]{30,}"),
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

BUSINESS = (
    row("mercadopago-token", "APP_USR- TEST-", r"(?:APP_USR|TEST)-\d{10,16}-\d{6}-[a-f0-9]{32}(?:-\d+)?", loose=True),
    row("razorpay-key", "rzp_live_ rzp_test_", r"rzp_(?:live|test)_[A-Za-z0-9]{14,}"),
    row("paddle-key", "pdl_live_ pdl_sdbx_", r"pdl_(?:live|sdbx)_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}"),
    row("midtrans-key", "Mid-server-", r"Mid-server-[\w-]{20,}", loose=True),
    row("ebay-key", "PRD- SBX-", r"(?:PRD|SBX)-[0-9a-f]{12}(?:-[0-9a-f]{4}){4}", loose=True),
    row("klaviyo-key", "pk_", r"pk_[a-f0-9]{34}(?![A-Za-z0-9])", loose=True),
    row("clickup-token", "pk_", r"pk_\d{7,9}_[A-Z0-9]{32}", loose=True),
    row("shopify-token", "prtapi_", r"prtapi_[a-fA-F0-9]{32}"),
    row("persona-key", "persona_production_ persona_sandbox_", r"persona_(?:production|sandbox)_[0-9a-f-]{36}"),
    row(
        "onfido-token", "api_live api_sandbox", r"api_(?:live|sandbox)(?:_[a-z]{2})?\.[\w-]{11}\.[\w-]{32}", loose=True
    ),
    row("stytch-secret", "secret-live- secret-test-", r"secret-(?:live|test)-[\w-]{30,}={0,2}", loose=True),
    row("telnyx-key", "KEY", r"KEY(?=[A-Z]*\d)[0-9A-Z]{32}_[A-Za-z0-9]{22}", loose=True),
    row("instagram-token", "IGQV IGAA", r"IG(?:QV|AA)[\w-]{80,}", loose=True),
    row("pinterest-token", "pina_", r"pina_[A-Za-z0-9]{32,}", loose=True),
    row("twitter-token", "AAAAAAAAAAAAAAAAAAAAA", r"A{21,24}(?=[\w%]*[b-z])[\w%]{60,}", loose=True),
    row("airtable-token", "oaa", r"oaa[A-Za-z0-9]{14}\.v1\.[\w-]{20,}\.[a-f0-9]{40,}", loose=True),
    row("asana-token", "0/ 1/ 2/", r"[0-2]/\d{15,17}(?:/\d{15,17})?:[a-f0-9]{32}", loose=True),
    row("intercom-token", "dG9rO", r"dG9rO[A-Za-z0-9+/_-]{54,}={0,2}", loose=True),
    row("canva-secret", "cnvca", r"cnvca[\w-]{51}", loose=True),
    row("zoho-token", "1000.", r"1000\.[a-f0-9]{32}\.[a-f0-9]{32}", loose=True),
    row("sanity-token", "sk", r"sk[A-Za-z0-9]{150,}", loose=True),
    row("fullstory-key", "na1. eu1.", r"(?:na|eu)1\.[A-Za-z0-9+/]{40,}={0,2}(?![\w.])", loose=True),
    row("databento-key", "db-", r"db-(?=[A-Za-z]*\d)(?=[a-z0-9]*[A-Z])[A-Za-z0-9]{29}(?![\w.-])", loose=True),
    row("hex-token", "hxtp_ hxtw_", r"hxt[pw]_[a-f0-9]{64,}"),
    row("cfxre-key", "cfxk_", r"cfxk_[A-Za-z0-9]{20}_[A-Za-z0-9]{5,}"),
    row("brave-key", "BSA", r"BSA(?=[A-Za-z_-]*\d)(?=[A-Z0-9_-]*[a-z])[\w-]{24,40}(?![\w-])", loose=True),
    row("twelvelabs-key", "tlk_", r"tlk_[A-Z0-9]{36,}", loose=True),
    row("sindri-key", "sindri_", r"sindri_[A-Za-z0-9]{32}_[A-Za-z0-9]{4,}"),
    row("devin-key", "cog_ apk_", r"(?:cog_[a-z2-7]{52}|apk_(?:user_)?[A-Za-z0-9+/]{80,180}={0,2})", loose=True),
    row("agent-key", "key_", r"key_(?:[a-f0-9]{64}|[a-f0-9]{128})(?![A-Za-z0-9])", loose=True),
    row("modal-token", "ak- as-", r"a[ks]-(?=[A-Za-z]*\d)(?=[a-z0-9]*[A-Z])[A-Za-z0-9]{22}(?![\w.-])", loose=True),
    row("secret-token", "secret-token:", r"secret-token:[\w.~%+-]{16,}", loose=True),  # the scheme of RFC 8959
    row("anyscale-key", "esecret_ aph0_", r"(?:esecret|aph0)_[A-Za-z0-9]{24,}", loose=True),
    row("promptlayer-key", "pl_", r"pl_[0-9a-f]{32}(?![0-9a-f])", loose=True),
    row("quicknode-key", "QN_", r"QN_[0-9a-f]{32}(?![0-9a-f])", loose=True),
    row("plane-key", "plane_api_", r"plane_api_[0-9a-f]{32}"),
    row("builder-key", "bpk-", r"bpk-[0-9a-f]{32}(?![0-9a-f])", loose=True),
    row("contentstack-token", "cs", r"cs[0-9a-f]{24}(?![0-9a-z-])", loose=True),
)

SERVICES = MODELS + MESSAGING + COMMERCE + BUSINESS
