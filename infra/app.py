"""`cdk` starts here: every stack of one stage, `-c stage=local` unless told otherwise."""

import os
import sys

from aws_cdk import App

from infra.packages import PackagingFailed
from infra.stacks.api import ApiStack
from infra.stacks.data import DataStack
from infra.stacks.media import MediaStack
from infra.stacks.ops import OpsStack
from infra.stacks.pipeline import PipelineStack
from infra.stages import Stage, StageArgumentMissing, stage_named


def add_stacks(app: App, stage: Stage) -> None:
    media = MediaStack(app, f"VezaMedia-{stage.name}", stage=stage)
    data = DataStack(app, f"VezaData-{stage.name}", stage=stage, page_url=media.site.url)
    pipeline = PipelineStack(app, f"VezaPipeline-{stage.name}", stage=stage, data=data, media=media)
    api = ApiStack(app, f"VezaApi-{stage.name}", stage=stage, data=data, media=media)
    OpsStack(app, f"VezaOps-{stage.name}", stage=stage, pipeline=pipeline, api=api)


def main() -> None:
    app = App()
    context = {
        key: str(app.node.try_get_context(key))
        for key in ("stage", "mail_from", "alarm_email", "firewall", "audit_days")
        if app.node.try_get_context(key)
    }
    try:
        add_stacks(app, stage_named(context.get("stage", "local"), environ=os.environ, context=context))
    except (StageArgumentMissing, PackagingFailed) as problem:
        sys.exit(str(problem))
    app.synth()


if __name__ == "__main__":
    main()
