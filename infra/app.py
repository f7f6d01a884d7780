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
from infra.stacks.realtime import RealtimeStack
from infra.stages import ARGUMENTS, Stage, StageArgumentMissing, stage_named


def add_stacks(app: App, stage: Stage) -> None:
    media = MediaStack(app, f"VezaMedia-{stage.name}", stage=stage)
    data = DataStack(app, f"VezaData-{stage.name}", stage=stage, page_url=media.site.url)
    pipeline = PipelineStack(app, f"VezaPipeline-{stage.name}", stage=stage, data=data, media=media)
    realtime = RealtimeStack(app, f"VezaRealtime-{stage.name}", stage=stage, data=data, media=media)
    api = ApiStack(app, f"VezaApi-{stage.name}", stage=stage, data=data, media=media, realtime=realtime)
    OpsStack(app, f"VezaOps-{stage.name}", stage=stage, pipeline=pipeline, realtime=realtime, api=api)


def stage_of(app: App) -> Stage:
    """The stage that cdk.json and `-c` ask for. Raises StageArgumentMissing."""
    given = {name: app.node.try_get_context(name) for name in ("stage", *ARGUMENTS)}
    context = {name: str(value) for name, value in given.items() if value}
    return stage_named(context.get("stage", "local"), environ=os.environ, context=context)


def main() -> None:
    app = App()
    try:
        add_stacks(app, stage_of(app))
    except (StageArgumentMissing, PackagingFailed) as problem:
        sys.exit(str(problem))
    app.synth()


if __name__ == "__main__":
    main()
