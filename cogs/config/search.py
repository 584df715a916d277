"""Finding a setting by what people call it, in either language: its key, name, topic, help, and other words for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.i18n import LOCALES, text
from bot.settings import SETTINGS
from bot.settings.topics import TOPIC_NAMES

_WORDS: Final[Mapping[str, str]] = {
    "chat_model": "llm gpt ai ask 聊天 对话 模型 问答",
    "image_model": "imagine picture 图片 绘图 画图 模型",
    "video_model": "视频 模型",
    "allowed_models": "whitelist allowlist permit restrict limit 白名单 允许 限制 模型",
    "system_prompt": "persona instructions character tone 系统提示词 人设 角色 指令",
    "personas": "character roleplay bot instructions system prompt 人设 角色 指令",
    "persona": "character roleplay default instructions system prompt 人设 角色 默认 指令",
    "conversations": "memory remember context history chat shared own 对话 记忆 上下文 共享",
    "context_tokens": "memory remember history limit length tokens 记忆 上下文 长度 上限",
    "temperature": "creativity random randomness 温度 随机 创意",
    "styles": "look preset watercolor anime image prompt 风格 画风 样式 图片",
    "image_size": "resolution dimensions picture 尺寸 大小 分辨率 图片",
    "max_images": "limit count number quota 次数 上限 限制 数量 张数 图片",
    "video_resolution": "size quality 分辨率 清晰度 视频",
    "web_search": "internet online browse browsing google sources news 联网 搜索 上网 来源",
    "commands": "enable disable allow turn off ban block 命令 指令 开关 启用 禁用",
    "roles": "permission access who ban restrict allow 权限 身份组 角色 谁 禁止",
    "ask_roles": "permission access who restrict allow command ask 权限 身份组 谁 提问 命令",
    "imagine_roles": "permission access who restrict allow command image imagine 权限 身份组 谁 图片 命令",
    "video_roles": "permission access who restrict allow command video 权限 身份组 谁 视频 命令",
    "locks": "lock force enforce fixed channel override narrow 锁定 锁 强制 固定 频道",
    "limits": "limit quota count number per day user role total 上限 限制 次数 每天 每日 配额 合计",
    "answers": "private public ephemeral visible visibility hidden only me 私密 公开 可见 隐藏 谁能看到 仅自己",
    "language": "locale translation english chinese 语言 中文 英文",
    "age_restricted_only": "nsfw adult 18+ mature sfw 成人 年龄 限制 色情",
    "blocked_words": "ban banned censor filter profanity blacklist nsfw 禁词 屏蔽 敏感词 过滤 黑名单 违禁",
    "moderation": "safety filter flag nsfw unsafe content policy automod 审核 安全 过滤 违规 内容",
    "spoilers": "blur hide cover nsfw sensitive 剧透 遮挡 模糊 隐藏 敏感",
    "log_channel": "audit record history mod-log 日志 记录 审计 频道",
    "max_running_videos": "limit queue concurrent parallel quota 上限 限制 排队 并发 视频",
    "max_running_videos_per_person": "limit queue concurrent user member quota 上限 限制 排队 每人 视频",
    "edit_model": "vary upscale remix 编辑 修改 放大 模型",
    "animate_model": "animation i2v 动画 图生视频 模型",
    "buttons": "press who permission 按钮 权限 谁",
    "button_roles": "permission access press 按钮 权限 身份组",
    "jam_roles": "permission access start 合作 权限 身份组",
    "jam_ideas": "limit count number 上限 限制 点子 想法",
    "jam_paid_by": "cost credits payer pool 付费 支付 点数",
    "prices": "cost credits price money charge 价格 费用 点数 额度 收费",
    "daily_credits": "limit quota allowance budget per day user 每日 额度 点数 限制 上限 配额",
    "server_pool": "limit quota budget total credits month 额度 点数 限制 上限 配额 预算 共享",
    "channel_pool": "limit quota budget total credits month 额度 点数 限制 上限 配额 预算 共享",
    "confirm_above": "confirmation ask expensive warn price 确认 提醒 价格",
    "notify": "ping mention ready done finished notification notifications alert 提及 通知 完成 提醒 艾特",
    "mentions": "ping reply ask talk chat 提及 艾特 回复 提问 对话",
    "threads": "thread chat reply mention 子区 对话 回复 提及",
    "jam_review": "confirm check prompt approve 共创 查看 确认 审核 提示词",
    "jam_round": "time limit timer clock minutes 共创 时限 计时 每轮 分钟",
    "alert_channel": "notify notification warning pool 提醒 通知 警报 频道",
    "prompt_days": "retention privacy delete keep history 保留 隐私 天数 删除 保存",
}


def found(typed: str) -> list[str]:
    """The keys of the settings that fit all words typed, the best first."""
    wanted = typed.strip().casefold().replace("-", "_")
    words = [word for word in wanted.replace("_", " ").split() if word]
    ranks: dict[str, int] = {}
    for key, setting in SETTINGS.items():
        help_ = " ".join(text(locale, setting.help_key) for locale in LOCALES).casefold()
        topic = " ".join(text(locale, TOPIC_NAMES[setting.topic]) for locale in LOCALES).casefold()
        name = " ".join(text(locale, setting.name_key) for locale in LOCALES).casefold()
        named, other = key.replace("_", " "), f"{_WORDS.get(key, '')} {name} {topic}"
        if key.startswith(wanted.replace(" ", "_")):
            ranks[key] = 0
        elif all(word in named for word in words):
            ranks[key] = 1
        elif all(word in f"{named} {other}" for word in words):
            ranks[key] = 2
        elif all(word in f"{named} {other} {help_}" for word in words):
            ranks[key] = 3
    return sorted(ranks, key=ranks.__getitem__)
