"""Somebody who brings the bot along to where it is not."""

from __future__ import annotations

from sandbox.stage import Scene, default_scene


def scene_with_traveller() -> Scene:
    """The traveller has the application on their own account, and so has eve. They are in a group with bob, who has
    not; the traveller is also in a server without the bot.
    """
    scene = default_scene()
    traveller, eve = (scene.world.person(name, app_installed=True) for name in ("traveller", "eve"))
    abroad = scene.world.guild("Abroad", app_installed=False)
    traveller.joins(abroad)
    scene.channels["abroad"] = scene.world.text_channel(abroad, "abroad")
    scene.channels["group"] = scene.world.group_dm("group", traveller.user, scene.people["bob"].user, eve.user)
    scene.people |= {"traveller": traveller, "eve": eve}
    return scene
