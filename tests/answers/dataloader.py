"""Answers to the blanks of 08_dataloader."""

from tests.answers import Answers

ANSWERS = {
    "tensor-dataset": Answers(
        wrong=[
            {"__len__": "return len(self.tensors)"},  # how many tensors
            {"__len__": "return self.tensors[0].numel()"},
            {"__getitem__": "return [t[index] for t in self.tensors]"},  # a list
            {"__getitem__": "return self.tensors[index]"},  # a whole tensor
            {"__getitem__": "return self.tensors[0][index], self.tensors[1][index]"},  # always two
            {"__getitem__": "return tuple(t[index].tolist() for t in self.tensors)"},
        ],
        right=[
            {
                "__len__": "return self.tensors[-1].shape[0]",
                "__getitem__": """
                item = ()
                for t in self.tensors:
                    item += (t[index],)
                return item
                """,
            },
        ],
    ),
    "collate": Answers(
        wrong=[
            # tuples of tensors, no recursion
            """
            if isinstance(batch[0], tuple | list):
                return [collate_leaves(list(column)) for column in zip(*batch)]
            if isinstance(batch[0], dict):
                return {key: collate_leaves([s[key] for s in batch]) for key in batch[0]}
            return collate_leaves(batch)
            """,
            # a tuple of columns
            """
            first = batch[0]
            if isinstance(first, dict):
                return {key: default_collate([s[key] for s in batch]) for key in first}
            if isinstance(first, tuple | list):
                if len({len(s) for s in batch}) > 1:
                    raise RuntimeError("expected samples of one length")
                return tuple(default_collate(column) for column in zip(*batch))
            return collate_leaves(batch)
            """,
            # cuts longer samples silently
            """
            first = batch[0]
            if isinstance(first, dict):
                return {key: default_collate([s[key] for s in batch]) for key in first}
            if isinstance(first, tuple | list):
                return [default_collate(column) for column in zip(*batch)]
            return collate_leaves(batch)
            """,
            # leaves dictionaries as they are
            """
            first = batch[0]
            if isinstance(first, tuple | list):
                if len({len(s) for s in batch}) > 1:
                    raise RuntimeError("expected samples of one length")
                return [default_collate(column) for column in zip(*batch)]
            return batch if isinstance(first, dict) else collate_leaves(batch)
            """,
            # samples are not turned into columns
            "return [collate_leaves(list(sample)) for sample in batch]",
        ],
        right=[
            """
            sample = batch[0]
            if isinstance(sample, dict):
                columns = default_collate([tuple(one[k] for k in sample) for one in batch])
                return dict(zip(sample, columns))
            if not isinstance(sample, (tuple, list)):
                return collate_leaves(batch)
            columns = [[] for _ in sample]
            for one in batch:
                if len(one) != len(columns):
                    raise RuntimeError(f"{len(one)} parts meet {len(columns)}")
                for column, part in zip(columns, one):
                    column.append(part)
            return list(map(default_collate, columns))
            """,
        ],
    ),
    "random-sampler": Answers(
        wrong=[
            "return randperm(len(self.data_source), self.generator)",  # no iterator
            "return iter(range(len(self.data_source)))",  # not shuffled
            "return iter(randperm(len(self.data_source)).tolist())",  # forgets the generator
            "return iter(randperm(len(self.data_source), self.generator))",  # tensors, not integers
            # with replacement
            """
            n = len(self.data_source)
            return iter(randint(n, (n,), generator=self.generator).tolist())
            """,
            # the same order each time
            """
            if not self.__dict__.get("order"):
                self.order = randperm(len(self.data_source), self.generator).tolist()
            return iter(self.order)
            """,
        ],
        right=["yield from map(int, randperm(len(self.data_source), self.generator).array)"],
    ),
    "batch-sampler": Answers(
        wrong=[
            # drops the rest always
            {
                "__iter__": """
                batch = []
                for index in self.sampler:
                    batch.append(index)
                    if len(batch) == self.batch_size:
                        yield batch
                        batch = []
                """
            },
            # never drops the rest
            {
                "__iter__": """
                order = list(self.sampler)
                for i in range(0, len(order), self.batch_size):
                    yield order[i : i + self.batch_size]
                """
            },
            # an empty batch at the end
            {
                "__iter__": """
                batch = []
                for index in self.sampler:
                    batch.append(index)
                    if len(batch) == self.batch_size:
                        yield batch
                        batch = []
                if not self.drop_last:
                    yield batch
                """
            },
            # counts, whatever the sampler says
            {
                "__iter__": """
                n = len(self.sampler)
                for i in range(0, n, self.batch_size):
                    if i + self.batch_size <= n or not self.drop_last:
                        yield list(range(i, min(n, i + self.batch_size)))
                """
            },
            {"__len__": "return len(self.sampler) // self.batch_size"},
            {"__len__": "return math.ceil(len(self.sampler) / self.batch_size)"},
            {"__len__": "return len(self.sampler) // self.batch_size + (not self.drop_last)"},
        ],
        right=[
            {
                "__iter__": """
                batch = []
                for index in self.sampler:
                    batch.append(index)
                    if len(batch) == self.batch_size:
                        yield batch
                        batch = []
                if batch and not self.drop_last:
                    yield batch
                """,
                "__len__": """
                if self.drop_last:
                    return len(self.sampler) // self.batch_size
                return (len(self.sampler) + self.batch_size - 1) // self.batch_size
                """,
            },
        ],
    ),
    "take": Answers(
        wrong=[
            "return [tuple(t[int(i)] for t in tensors) for i in indices]",  # samples, not a Batch
            "return Batch(t[: len(indices)] for t in tensors)",
            "return Batch(stack([t[int(i)] for i in indices]) for t in tensors)",  # a loop
            "return Batch(from_numpy(t.array.take(indices)) for t in tensors)",  # no axis
            "return Batch(from_numpy(t.array[np.sort(indices)]) for t in tensors)",
        ],
        right=["return Batch([t[indices] for t in tensors])"],
    ),
    "fetch": Answers(
        wrong=[
            "return [dataset[index] for index in indices]",
            "return dataset.__getitems__(indices)",
            "return dataset[indices]",
            """
            fetch_all = getattr(dataset, "__getitems__", None)
            if fetch_all is not None:
                return [fetch_all([index]) for index in indices]
            return [dataset[index] for index in indices]
            """,
            """
            fetch_all = getattr(dataset, "__getitems__", None)
            if fetch_all is not None:
                return fetch_all(indices)
            return (dataset[index] for index in indices)
            """,
        ],
        right=[
            """
            def one_by_one(indices):
                return list(map(dataset.__getitem__, indices))
            return getattr(dataset, "__getitems__", one_by_one)(indices)
            """,
        ],
    ),
    "random-split": Answers(
        wrong=[
            # does not shuffle
            """
            if sum(sizes) != len(dataset):
                raise ValueError(f"expected {len(dataset)}, came {lengths}")
            order = list(range(len(dataset)))
            ends = accumulate(sizes)
            return [Subset(dataset, order[end - size : end]) for size, end in zip(sizes, ends)]
            """,
            # shuffles anew for each part
            """
            if sum(sizes) != len(dataset):
                raise ValueError(f"expected {len(dataset)}, came {lengths}")
            n = len(dataset)
            return [Subset(dataset, randperm(n, generator).tolist()[:size]) for size in sizes]
            """,
            # does not check the sum
            """
            order = randperm(len(dataset), generator).tolist()
            ends = accumulate(sizes)
            return [Subset(dataset, order[end - size : end]) for size, end in zip(sizes, ends)]
            """,
            # forgets the generator
            """
            if sum(sizes) != len(dataset):
                raise ValueError(f"expected {len(dataset)}, came {lengths}")
            order = randperm(len(dataset)).tolist()
            ends = accumulate(sizes)
            return [Subset(dataset, order[end - size : end]) for size, end in zip(sizes, ends)]
            """,
            # parts overlap: every one starts at the front
            """
            if sum(sizes) != len(dataset):
                raise ValueError(f"expected {len(dataset)}, came {lengths}")
            order = randperm(len(dataset), generator).tolist()
            return [Subset(dataset, order[:size]) for size in sizes]
            """,
        ],
        right=[
            """
            if sum(sizes) != len(dataset):
                raise ValueError(f"{len(dataset)} samples do not make {lengths}")
            order, parts = iter(randperm(len(dataset), generator).tolist()), []
            for size in sizes:
                parts.append(Subset(dataset, list(islice(order, size))))
            return parts
            """,
        ],
    ),
    "concat": Answers(
        wrong=[
            # no index from the back
            """
            if not 0 <= index < len(self):
                raise IndexError(f"expected an index below {len(self)}, came {index}")
            which = bisect_right(self.cumulative_sizes, index)
            start = self.cumulative_sizes[which] - len(self.datasets[which])
            return self.datasets[which][index - start]
            """,
            # finds the set after the one where sets meet
            """
            if not -len(self) <= index < len(self):
                raise IndexError(f"expected an index below {len(self)}, came {index}")
            index %= len(self)
            which = sum(end < index for end in self.cumulative_sizes)
            start = self.cumulative_sizes[which] - len(self.datasets[which])
            return self.datasets[which][index - start]
            """,
            # every index is fine
            """
            index %= len(self)
            which = bisect_right(self.cumulative_sizes, index)
            start = self.cumulative_sizes[which] - len(self.datasets[which])
            return self.datasets[which][index - start]
            """,
            # the place in the whole, not in the set
            """
            if not -len(self) <= index < len(self):
                raise IndexError(f"expected an index below {len(self)}, came {index}")
            which = bisect_right(self.cumulative_sizes, index % len(self))
            return self.datasets[which][index % len(self.datasets[which])]
            """,
        ],
        right=[
            """
            index += len(self) if index < 0 else 0
            if index >= 0:
                for dataset in self.datasets:
                    if index < len(dataset):
                        return dataset[index]
                    index -= len(dataset)
            raise IndexError("no such sample")
            """,
        ],
    ),
    "stratified-split": Answers(
        wrong=[
            # a plain random split
            """
            order = randperm(len(targets), generator).tolist()
            held = per_class * len(np.unique(targets))
            return sorted(order[held:]), sorted(order[:held])
            """,
            # the first of each class, not random ones
            """
            of_class = [np.flatnonzero(targets == label) for label in np.unique(targets)]
            test = np.sort(np.concatenate([numbers[:per_class] for numbers in of_class]))
            return np.setdiff1d(np.arange(len(targets)), test).tolist(), test.tolist()
            """,
            # the two the wrong way round
            """
            order = randperm(len(targets), generator).array
            of_class = [order[targets[order] == label] for label in np.unique(targets)]
            test = np.sort(np.concatenate([numbers[:per_class] for numbers in of_class]))
            return test.tolist(), np.setdiff1d(np.arange(len(targets)), test).tolist()
            """,
            # trains on what it tests on
            """
            order = randperm(len(targets), generator).array
            of_class = [order[targets[order] == label] for label in np.unique(targets)]
            test = np.sort(np.concatenate([numbers[:per_class] for numbers in of_class]))
            return list(range(len(targets))), test.tolist()
            """,
            # not ascending
            """
            order = randperm(len(targets), generator).array
            of_class = [order[targets[order] == label] for label in np.unique(targets)]
            test = np.concatenate([numbers[:per_class] for numbers in of_class])
            return np.setdiff1d(np.arange(len(targets)), test).tolist(), test.tolist()
            """,
        ],
        right=[
            """
            left, train, test = dict.fromkeys(targets.tolist(), per_class), [], []
            for index in randperm(len(targets), generator).tolist():
                label = int(targets[index])
                (test if left[label] > 0 else train).append(index)
                left[label] -= 1
            return sorted(train), sorted(test)
            """,
        ],
    ),
    "idx-shape": Answers(
        wrong=[
            # the smallest part first
            """
            if header[:3] != b"\\0\\0\\x08" or len(header) < 4:
                raise ValueError(f"expected 00 00 08, came {header[:3].hex(' ')}")
            sizes = header[4 : 4 + 4 * header[3]]
            if len(sizes) < 4 * header[3]:
                raise ValueError(f"expected {4 + 4 * header[3]} bytes, came {len(header)}")
            four_bytes = (sizes[i : i + 4] for i in range(0, len(sizes), 4))
            return tuple(int.from_bytes(four, "little") for four in four_bytes)
            """,
            # does not look at the type
            """
            if header[:2] != b"\\0\\0" or len(header) < 4:
                raise ValueError(f"expected 00 00, came {header[:2].hex(' ')}")
            sizes = header[4 : 4 + 4 * header[3]]
            if len(sizes) < 4 * header[3]:
                raise ValueError(f"expected {4 + 4 * header[3]} bytes, came {len(header)}")
            return tuple(int.from_bytes(sizes[i : i + 4], "big") for i in range(0, len(sizes), 4))
            """,
            # trusts that all sizes are there
            """
            if header[:3] != b"\\0\\0\\x08" or len(header) < 4:
                raise ValueError(f"expected 00 00 08, came {header[:3].hex(' ')}")
            sizes = header[4 : 4 + 4 * header[3]]
            return tuple(int.from_bytes(sizes[i : i + 4], "big") for i in range(0, len(sizes), 4))
            """,
            # three dimensions always
            """
            if header[:3] != b"\\0\\0\\x08" or len(header) < 16:
                raise ValueError(f"expected 16 bytes, 00 00 08 first, came {header[:3].hex(' ')}")
            return tuple(int.from_bytes(header[i : i + 4], "big") for i in range(4, 16, 4))
            """,
            # reads the pixels as further sizes
            """
            if header[:3] != b"\\0\\0\\x08" or len(header) < 4 + 4 * header[3]:
                raise ValueError(f"expected 00 00 08, came {header[:3].hex(' ')}")
            return tuple(np.frombuffer(header[4 : len(header) // 4 * 4], ">u4").tolist())
            """,
        ],
        right=[
            """
            magic = int.from_bytes(header[:4], "big")
            if len(header) < 4 or magic >> 8 != 8:
                raise ValueError("no IDX header of bytes")
            if len(header) < 4 + 4 * (magic & 255):
                raise ValueError("a header that ends too soon")
            return tuple(np.frombuffer(header, ">u4", magic & 255, offset=4).tolist())
            """,
        ],
    ),
    "normalize": Answers(
        wrong=[
            "return from_numpy(images.array - self.mean / self.std)",
            "return from_numpy((images.array - self.mean) * self.std)",
            "return from_numpy((images.array - self.mean[:, 0, 0]) / self.std[:, 0, 0])",
            "return from_numpy((images.array - images.array.mean()) / images.array.std())",
            "return from_numpy((images.array - self.mean[0]) / self.std[0])",  # one for all
        ],
        right=["return images * from_numpy(1 / self.std) - from_numpy(self.mean / self.std)"],
    ),
    "flip": Answers(
        wrong=[
            # one coin for the whole batch
            """
            heads = rand(1, generator=luck.generator).item() < self.p
            return from_numpy(images.array[..., ::-1]) if heads else images
            """,
            # upside down
            """
            pictures = images.array
            heads = rand(*pictures.shape[:-3], generator=luck.generator).array < self.p
            heads = heads[..., None, None, None]
            return from_numpy(np.where(heads, pictures[..., ::-1, :], pictures))
            """,
            # a coin for each channel
            """
            pictures = images.array
            heads = rand(*pictures.shape[:-2], generator=luck.generator).array < self.p
            return from_numpy(np.where(heads[..., None, None], pictures[..., ::-1], pictures))
            """,
            # flips where it should not
            """
            pictures = images.array
            heads = rand(*pictures.shape[:-3], generator=luck.generator).array < self.p
            return from_numpy(np.where(heads[..., None, None, None], pictures, pictures[..., ::-1]))
            """,
            # not from the batch's own luck
            """
            pictures = images.array
            heads = np.random.random(pictures.shape[:-3]) < self.p
            return from_numpy(np.where(heads[..., None, None, None], pictures[..., ::-1], pictures))
            """,
            # only p = 0.5
            """
            pictures = images.array
            heads = randint(2, pictures.shape[:-3], generator=luck.generator).array == 1
            return from_numpy(np.where(heads[..., None, None, None], pictures[..., ::-1], pictures))
            """,
            # in place
            """
            pictures = images.array.reshape(-1, *images.shape[-3:])
            heads = rand(len(pictures), generator=luck.generator).array < self.p
            pictures[heads] = pictures[heads][..., ::-1].copy()
            return from_numpy(pictures.reshape(images.shape))
            """,
        ],
        right=[
            """
            pictures = images.array.reshape(-1, *images.shape[-3:])
            coins = rand(len(pictures), generator=luck.generator).tolist()
            seen = [x[..., ::-1] if coin < self.p else x for x, coin in zip(pictures, coins)]
            return from_numpy(np.stack(seen).reshape(images.shape))
            """,
        ],
    ),
    "cut": Answers(
        wrong=[
            # the first corner for all
            """
            top, left = tops[0], lefts[0]
            return images[:, :, top : top + height, left : left + width]
            """,
            # rows and columns swapped
            """
            corners = zip(images, tops, lefts)
            cuts = [x[:, left : left + height, top : top + width] for x, top, left in corners]
            return np.stack(cuts)
            """,
            # height and width swapped
            """
            corners = zip(images, tops, lefts)
            cuts = [x[:, top : top + width, left : left + height] for x, top, left in corners]
            return np.stack(cuts)
            """,
            # one row and column short
            """
            height, width = height - 1, width - 1
            corners = zip(images, tops, lefts)
            cuts = [x[:, top : top + height, left : left + width] for x, top, left in corners]
            return np.stack(cuts)
            """,
            # forgets where to start
            "return images[:, :, :height, :width]",
        ],
        right=[
            """
            corners = zip(images, tops, lefts)
            cuts = [x[:, top : top + height, left : left + width] for x, top, left in corners]
            return np.stack(cuts)
            """,
        ],
    ),
    "prefetch": Answers(
        wrong=[
            # no threads
            "yield from map(load, jobs)",
            # all jobs at once
            """
            with ThreadPoolExecutor(num_workers) as pool:
                yield from pool.map(load, jobs)
            """,
            # waits for each job before it starts the next
            """
            with ThreadPoolExecutor(num_workers) as pool:
                for job in jobs:
                    yield pool.submit(load, job).result()
            """,
            # forgets the rest of the queue
            """
            with ThreadPoolExecutor(num_workers) as pool:
                waiting = deque()
                for job in jobs:
                    waiting.append(pool.submit(load, job))
                    if len(waiting) > 2 * num_workers:
                        yield waiting.popleft().result()
            """,
            # the newest first
            """
            with ThreadPoolExecutor(num_workers) as pool:
                waiting = deque()
                for job in jobs:
                    waiting.append(pool.submit(load, job))
                    if len(waiting) > 2 * num_workers:
                        yield waiting.pop().result()
                while waiting:
                    yield waiting.pop().result()
            """,
            # as they are done, not in order
            """
            from concurrent.futures import as_completed
            with ThreadPoolExecutor(num_workers) as pool:
                jobs = iter(jobs)
                while some := list(islice(jobs, 2 * num_workers)):
                    for done in as_completed([pool.submit(load, job) for job in some]):
                        yield done.result()
            """,
            # promises, not results
            """
            with ThreadPoolExecutor(num_workers) as pool:
                waiting = deque()
                for job in jobs:
                    waiting.append(pool.submit(load, job))
                    if len(waiting) > 2 * num_workers:
                        yield waiting.popleft()
                yield from waiting
            """,
        ],
        right=[
            """
            jobs = iter(jobs)
            pool = ThreadPoolExecutor(num_workers)
            ahead = [pool.submit(load, job) for job in islice(jobs, 2 * num_workers)]
            while ahead:
                result = ahead.pop(0).result()
                ahead += [pool.submit(load, job) for job in islice(jobs, 1)]
                yield result
            pool.shutdown()
            """,
        ],
    ),
}
