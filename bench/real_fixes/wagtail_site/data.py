"""Rows for every table an administration page walks over: the same number of each."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from wagtail.documents.models import Document
from wagtail.models import Collection, GroupApprovalTask, Page, Site, Workflow, WorkflowPage, WorkflowTask

from bench.real_fixes.wagtail_site.models import Article

TASKS_A_WORKFLOW = 2


def fill(rows: int) -> None:
    """Make ``rows`` of everything; the articles wait for their approval."""
    owner = User.objects.create_superuser("owner", "owner@example.org", "newsroom")
    people = [User.objects.create_user(f"person{i}", f"person{i}@example.org", "newsroom") for i in range(rows)]
    groups = [Group.objects.create(name=f"Desk {i}") for i in range(rows)]
    for person, group in zip(people, groups, strict=True):
        person.groups.add(group)
    articles = [_article(i, owner) for i in range(rows)]
    _sites(articles)
    _documents(rows, people)
    for article, workflow in zip(articles, _workflows(articles, groups), strict=True):
        workflow.start(article, owner)


def _article(number: int, owner: User) -> Any:
    root = Page.objects.get(depth=1)
    article = root.add_child(instance=Article(title=f"Article {number}", text="News", owner=owner))
    article.save_revision(user=owner).publish()
    article.refresh_from_db()
    article.text = "Newer news"
    article.save_revision(user=owner)
    return article


def _sites(articles: list[Any]) -> None:
    for number, article in enumerate(articles):
        Site.objects.create(hostname=f"site{number}.example", root_page=article)


def _documents(rows: int, people: list[User]) -> None:
    library = Collection.get_first_root_node()
    for number in range(rows):
        collection = library.add_child(name=f"Collection {number}")
        file = ContentFile(b"text", name=f"document{number}.txt")
        document = Document.objects.create(
            title=f"Document {number}", file=file, uploaded_by_user=people[number], collection=collection
        )
        document.tags.add(f"tag {number}")


def _workflows(articles: list[Any], groups: list[Group]) -> list[Any]:
    tasks = [GroupApprovalTask.objects.create(name=f"Approval {i}") for i in range(len(articles))]
    for task, group in zip(tasks, groups, strict=True):
        task.groups.add(group)
    workflows = []
    for number, article in enumerate(articles):
        workflow = Workflow.objects.create(name=f"Workflow {number}")
        for step in range(TASKS_A_WORKFLOW):
            task = tasks[(number + step) % len(tasks)]
            WorkflowTask.objects.create(workflow=workflow, task=task.task_ptr, sort_order=step)
        WorkflowPage.objects.create(workflow=workflow, page=article)
        workflows.append(workflow)
    return workflows
