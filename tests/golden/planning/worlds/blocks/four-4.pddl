(define (problem blocks-4-collect-31-4)
(:domain blocksworld-4ops)
(:objects a b c d)
(:init
(handempty)
(on a b)
(ontable b)
(on c d)
(ontable d)
(clear a)
(clear c)
)
(:goal
(and
(on b c)
(on d b)
)))
